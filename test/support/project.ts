/** The small project of test/integration in a temporary folder: its own engine, store and workers; nothing is left of it. @module */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { openStore } from '../../src/artifacts/open-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { connect } from '../../src/client/connect.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import { type LocalStack, startLocalStack } from '../../src/cli/local-stack.js';
import { type LoadedProject, loadProject } from '../../src/config/load-project.js';
import { type ConnectedEngine, connectEngine } from '../../src/engine/connect-engine.js';
import { processesNaming } from './processes.js';
import { until } from './until.js';

/** A folder with a project that commands can stand in. */
export interface ProjectFolder {
  readonly folder: string;
  /** A file that does not exist yet: code that waits for it goes on at {@link open}. */
  readonly gate: () => string;
  readonly open: (gate: string) => void;
}

/** The project with its engine and workers up. */
export interface RunningProject extends ProjectFolder {
  readonly project: LoadedProject;
  readonly engine: ConnectedEngine;
  readonly client: Client;
  readonly store: ArtifactStore;
  readonly pipelines: PipelineClient;
  readonly stack: LocalStack;
}

const config = new URL('../integration/project/trainyard.config.js', import.meta.url).href;

/** Makes the folder for the tests of this file, and sees that no process of it is left once `stop` is done. */
export function useProjectFolder(stop: () => Promise<void> = () => Promise.resolve()): () => ProjectFolder {
  let made: ProjectFolder | undefined;
  before(() => {
    made = makeProjectFolder(config);
  });
  after(async () => {
    await stop();
    const { folder } = required(made);
    const left = () => processesNaming(folder);
    // Processes that were told to end may need a moment; mocha's timeout bounds it.
    await until(() => left().length === 0).finally(() => {
      assert.deepEqual(left(), []);
    });
    rmSync(folder, { recursive: true, force: true });
  });
  return () => required(made);
}

/** Starts engine, workers of `pools`, and a model server if asked, for the tests of this file. */
export function useProject(options: {
  readonly pools: readonly string[];
  readonly serve?: boolean;
  /** One of the project's. */
  readonly environment?: string;
}): () => RunningProject {
  let running: RunningProject | undefined;
  const folder = useProjectFolder(async () => {
    await running?.stack.stop();
    await running?.client.connection.close();
    await running?.engine.release();
  });
  before(async () => {
    running = await start(folder(), options);
  });
  return () => required(running);
}

/** A temporary folder with the project that the module `configUrl` exports. */
export function makeProjectFolder(configUrl: string): ProjectFolder {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ty-project-')));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(folder, 'trainyard.config.js'), `export { project } from ${JSON.stringify(configUrl)};\n`);
  // Bundling takes seconds; the cache is keyed by content.
  const bundles = join(tmpdir(), 'trainyard-test-bundles');
  mkdirSync(bundles, { recursive: true });
  mkdirSync(join(folder, '.trainyard', 'cache'), { recursive: true });
  symlinkSync(bundles, join(folder, '.trainyard', 'cache', 'bundles'));
  let gates = 0;
  return {
    folder,
    gate: () => join(folder, `gate-${gates++}`),
    open: (gate) => {
      writeFileSync(gate, '');
    },
  };
}

async function start(
  folder: ProjectFolder,
  { pools, serve = false, environment }: Parameters<typeof useProject>[0],
): Promise<RunningProject> {
  const project = await loadProject({ folder: folder.folder, environment });
  const engine = await connectEngine({
    projectFolder: folder.folder,
    namespace: project.namespace,
    onProgress: (line) => {
      console.error(line);
    },
  });
  const store = await openStore(project.store, { baseFolder: folder.folder });
  const client = await connect({ ...engine.connection, namespace: engine.namespace });
  const pipelines = new PipelineClient({ client, project: project.project.name, store });
  const stack = await startLocalStack({
    project,
    configFolder: folder.folder,
    engine,
    pools,
    serve,
    // Tests kill workers on purpose, and start others themselves.
    mayDie: ['pipelines', 'cpu', 'gpu'],
  });
  return { ...folder, project, engine, client, store, pipelines, stack };
}

function required<Value>(value: Value | undefined): Value {
  assert.ok(value !== undefined, 'the hook that makes it did not run');
  return value;
}
