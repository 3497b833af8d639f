/** The one call by which a command gets a Temporal server with the project's namespace, whoever runs it. @module */
import type { Connection } from '@temporalio/client';
import type { Duration } from '../contracts/duration.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { EngineConnection, ExternalServer } from './external.js';
import { locateEngine, type LocateOptions, type ServerBinary } from './locate.js';
import { prepareNamespace, registerSearchAttributes, requireNamespace } from './namespace.js';
import { openConnection } from './open-connection.js';
import { shareServer, type StartOptions } from './start.js';

export interface EngineOptions extends StartOptions, LocateOptions {
  /** The project's namespace; `TEMPORAL_NAMESPACE` and the namespace of a Temporal profile win over it. */
  readonly namespace: string;
  /**
   * How long a server of ours keeps closed runs; an external one keeps them as its operator says.
   * @default '30 days'
   */
  readonly retention?: Duration;
}

/** A Temporal server that answers, with a namespace that exists. */
export interface ConnectedEngine {
  /** For `Connection.connect` and `NativeConnection.connect` alike. */
  readonly connection: EngineConnection;
  readonly address: string;
  readonly namespace: string;
  /** Temporal's UI, where we run the server. */
  readonly uiAddress?: string;
  /** Which of the five ways led here, in one line. */
  readonly source: string;
  readonly startedByUs: boolean;
  /** Those of `searchAttributeNames` that runs may carry here. */
  readonly searchAttributes: readonly string[];
  /** What could not be had, in sentences; never a reason to stop. */
  readonly notes: readonly string[];
  /** What a child process needs in its environment so that its own `connectEngine` leads here. */
  readonly env: Readonly<Record<string, string>>;
  /** Call it at the end: a server that nobody else uses and nobody asked to keep is ended. Calling it again does nothing. */
  readonly release: () => Promise<void>;
}

/**
 * Finds a server (see `locateEngine`), starts or joins it where it is ours, and sees to the namespace. Server, data and ports outlive a kill:
 * started again in the same project, runs go on. Throws TY1808 where an external server does not answer and TY1804 where it lacks the
 * namespace; the errors of `locateEngine` and of starting too.
 * @example
 * const engine = await connectEngine({ projectFolder: '.', namespace: 'churn', onProgress: console.error });
 * try { … } finally { await engine.release(); }
 */
export async function connectEngine(options: EngineOptions): Promise<ConnectedEngine> {
  const located = await locateEngine(options);
  return located.kind === 'server' ? useExternal(located, options) : useOwn(located, options);
}

async function useExternal(server: ExternalServer, options: EngineOptions): Promise<ConnectedEngine> {
  const { connection, source } = server;
  const { address } = connection;
  const namespace = server.namespace ?? options.namespace;
  const attributes = await connected(connection, async (client) => {
    await requireNamespace(client, namespace, address);
    return registerSearchAttributes(client, namespace);
  });
  const release = () => Promise.resolve();
  return { connection, address, namespace, source, startedByUs: false, ...attributes, env: {}, release };
}

async function useOwn(binary: ServerBinary, options: EngineOptions): Promise<ConnectedEngine> {
  const { namespace, retention = '30 days' } = options;
  const { server, prepared, startedByUs, release } = await shareServer(options, binary.path, ({ address }) =>
    connected({ address }, async (client) => {
      await prepareNamespace(client, namespace, retention);
      return registerSearchAttributes(client, namespace);
    }),
  );
  const { address, uiAddress } = server;
  const source = startedByUs ? `started, ${binary.source}` : `joined this project's running engine (${address})`;
  const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  return { connection: { address }, address, namespace, uiAddress, source, startedByUs, ...prepared, env, release };
}

async function connected<T>(settings: EngineConnection, use: (client: Connection) => Promise<T>): Promise<T> {
  const client = await reach(settings);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

async function reach(settings: EngineConnection): Promise<Connection> {
  try {
    return await openConnection({ ...settings, connectTimeout: '5 seconds' });
  } catch (error) {
    const what = `the Temporal server at ${settings.address} does not answer: ${messageOf(error)}`;
    throw new TrainyardError('TY1808', what, { cause: error });
  }
}
