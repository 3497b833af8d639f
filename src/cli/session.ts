/** The project that a command stands in, with a client of its Temporal server and its store. @module */
import { constants } from 'node:os';
import type { Command } from 'commander';
import { openStore } from '../artifacts/open-store.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { connect } from '../client/connect.js';
import { PipelineClient } from '../client/pipeline-client.js';
import { type LoadedProject, loadProject } from '../config/load-project.js';
import { payloadGuard } from '../converter/payload-guard.js';
import { isUnreachable } from '../client/unreachable.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { type ConnectedEngine, connectEngine } from '../engine/connect-engine.js';
import type { Client } from '@temporalio/client';

/** Options that every command of a project has. */
export interface ProjectFlags {
  readonly project?: string;
  readonly env?: string;
}

/** Adds {@link ProjectFlags}. */
export function withProjectFlags(command: Command): Command {
  return command
    .option('--project <dir>', 'folder of trainyard.config; default: this folder or the nearest above it')
    .option('--env <name>', "one of the project's environments");
}

/** What a command that talks to runs works with. */
export interface Session {
  readonly project: LoadedProject;
  readonly engine: ConnectedEngine;
  readonly client: Client;
  readonly store: ArtifactStore;
  readonly pipelines: PipelineClient;
}

/** Opens a session, runs `work`, closes everything, also after an error. */
export async function withSession<Result>(
  flags: ProjectFlags,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const project = await loadProject({ folder: flags.project, environment: flags.env });
  return withEngine(project, (engine) => withClient(project, engine, work));
}

/** The project's Temporal server while `work` runs: found or started, and stopped again if nobody else uses it. */
export async function withEngine<Result>(
  project: LoadedProject,
  work: (engine: ConnectedEngine) => Promise<Result>,
): Promise<Result> {
  const connecting = connectEngine({
    projectFolder: project.folder,
    namespace: project.namespace,
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  const forget = releaseOnSignal(connecting);
  try {
    const engine = await connecting;
    try {
      return await work(engine);
    } finally {
      await engine.release();
    }
  } finally {
    forget();
  }
}

/** A signal that nobody else listens to ends this process, and with it a server that it alone uses; a second one does not wait. */
function releaseOnSignal(connecting: Promise<ConnectedEngine>): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    // A command that watches or serves has its own way to end.
    if (process.listenerCount(signal) > 0) return;
    void connecting
      .then((engine) => engine.release())
      .catch(() => undefined)
      .finally(() => process.exit(128 + constants.signals[signal]));
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  };
}

/** A client, a store and the project's runs on a server that is there. */
export async function withClient<Result>(
  project: LoadedProject,
  engine: ConnectedEngine,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const store = await openStore(project.store, { baseFolder: project.folder });
  const client = await connect({
    ...engine.connection,
    namespace: engine.namespace,
    payloadCodecs: [payloadGuard({ onLarge: 'fail' })],
  });
  try {
    const pipelines = new PipelineClient({
      client,
      project: project.project.name,
      store,
      searchAttributes: engine.searchAttributes,
    });
    return await work({ project, engine, client, store, pipelines });
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    const what = `the Temporal server at ${engine.address} does not answer: ${messageOf(error)}`;
    throw new TrainyardError('TY1901', what, { cause: error });
  } finally {
    await client.connection.close();
  }
}
