/** A project folder whose engine does not outlive the test. @module */
import { execFileSync } from 'node:child_process';
import assert from 'node:assert/strict';
import { connectEngine, type ConnectedEngine, type EngineOptions } from '../../src/engine/connect-engine.js';
import { engineStatus, stopEngine } from '../../src/engine/start.js';
import { withFolder } from './support.js';

/** A project in which nothing of the tester's own Temporal settings counts. */
export interface TestProject {
  readonly projectFolder: string;
  readonly connect: (options?: Partial<EngineOptions>) => Promise<ConnectedEngine>;
  readonly pids: () => Promise<readonly number[]>;
}

/** Runs `use` in a new project folder; afterwards the engine is stopped, and no process may be left that names the folder. */
export function withProject<T>(use: (project: TestProject) => Promise<T>): Promise<T> {
  return withFolder(async (projectFolder) => {
    const connect = (options: Partial<EngineOptions> = {}) =>
      connectEngine({ projectFolder, namespace: 'churn', env: ownEnv, ...options });
    const pids = async () => {
      const status = await engineStatus({ projectFolder });
      return status.state === 'running' ? status.server.pids : [];
    };
    try {
      return await use({ projectFolder, connect, pids });
    } finally {
      await stopEngine({ projectFolder, force: true });
      const left = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line.includes(projectFolder) && line.includes('start-dev'));
      assert.deepEqual(left, []);
    }
  });
}

/** The tester's environment without the settings that lead to a server elsewhere. */
export const ownEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
