/** The engine under a lab, which trials kill and start again. @module */
import { type ConnectedEngine, connectEngine } from '../../../src/engine/connect-engine.js';
import { engineStatus } from '../../../src/engine/start.js';
import { type EnginePart, startPostgresEngine } from '../../support/postgres-engine.js';
import { gone, send } from './process-table.js';

/** One that has the project's namespace. */
export interface LabEngine {
  /** The same after each {@link start}. */
  readonly connected: ConnectedEngine;
  /** With these in its environment, a worker finds it. */
  readonly env: Readonly<Record<string, string>>;
  readonly pids: () => Promise<readonly number[]>;
  /** Kills it with -9, or only parts of one that has several. */
  readonly kill: (parts?: readonly EnginePart[]) => Promise<void>;
  /** Starts what was killed, on its database and at its address. */
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** How a lab gets its engine. */
export type StartLabEngine = (project: {
  readonly projectFolder: string;
  readonly namespace: string;
}) => Promise<LabEngine>;

/** The one that Trainyard starts for a project, on a file database. */
export const startEmbedded: StartLabEngine = async (project) => {
  const connected = await connectEngine(project);
  const engines = [connected];
  const pids = async () => {
    const status = await engineStatus(project);
    return status.state === 'running' ? status.server.pids : [];
  };
  return {
    connected,
    env: connected.env,
    pids,
    kill: async () => {
      const killed = await pids();
      for (const pid of killed) send(pid, 'SIGKILL');
      await gone(killed);
    },
    start: async () => {
      const again = await connectEngine(project);
      engines.push(again);
      if (again.address !== connected.address)
        throw new Error(`the engine moved from ${connected.address} to ${again.address}`);
    },
    close: async () => {
      for (const engine of engines) await engine.release();
    },
  };
};

/** The one of tools/engine/postgres.sh. */
export const startOnPostgres: StartLabEngine = async (project) => {
  const { env, pids, kill, revive, stop } = await startPostgresEngine(project.namespace);
  const connected = await connectEngine({ ...project, env: { ...process.env, ...env } });
  const start = () => {
    revive();
    return Promise.resolve();
  };
  return { connected, env, pids, kill, start, close: stop };
};
