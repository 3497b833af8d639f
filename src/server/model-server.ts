/** The model server: node:http, the Open Inference Protocol v2, models from the store's deployments. @module */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { ArtifactStore } from '../artifacts/store.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { TrustedKeys } from '../records/signing.js';
import { HeadFollower } from './follow-heads.js';
import { ModelFolder } from './model-folder.js';
import { abandonedFolders, newServerId, takeOwnFolder } from './own-folder.js';
import { Observer } from './observer.js';
import { type BatchLimits, Revisions } from './revisions.js';
import { answer } from './routes.js';
import { ServerMetrics } from './server-metrics.js';
import { TrafficCounts } from './traffic-counts.js';
import { WriteAhead } from './write-ahead.js';

export interface ModelServerOptions extends Partial<BatchLimits> {
  /** Its deployments are followed. */
  readonly store: ArtifactStore;
  readonly log: Logger;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes a free one. @default 0 */
  readonly port?: number;
  /** The address that is recorded for clients. @default `http://<host>:<port>` */
  readonly advertise?: string;
  /** Serve only these endpoints. @default all of the store */
  readonly endpoints?: readonly string[];
  /** Larger bodies are answered 413. @default 64 MiB */
  readonly maxBodyBytes?: number;
  /**
   * Pause between two looks at the store, milliseconds; half of it while an endpoint has several revisions. @default 250; 1,000 on S3, where a
   * look is a request that somebody may be billed for
   */
  readonly pollMs?: number;
  /**
   * Folder for what this machine's servers keep, each in a place of its own below it: with it, a server starts while the store is away, from
   * what was served last. @default none
   */
  readonly folder?: string;
  /** Keys whose signatures count. @default nobody's: signatures are not checked */
  readonly trusted?: TrustedKeys;
  /** Follow only what one of them signed. @default false */
  readonly signedOnly?: boolean;
  /** How often counts by revision are published, milliseconds. @default 1,000 while revisions are compared, else 30,000 */
  readonly countsEveryMs?: number;
  /** How often the log of requests and labels is published, milliseconds; it needs `folder`. @default 10,000 */
  readonly logEveryMs?: number;
}

export interface ModelServer {
  /** `http://127.0.0.1:8080`: what clients use. */
  readonly address: string;
  /** Stops accepting, answers what was asked, releases every model. */
  close(): Promise<void>;
}

/**
 * Starts a model server; resolves when it listens. It answers `/v2/health/ready` with 200 once the store's deployments are loaded.
 * Limits of batching by default: `maxBatch` 64 rows, `maxQueue` 1,024 requests, `batchDelayMs` 0.
 * @throws TrainyardError TY1703 when the port is in use.
 */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const { store, log, host = '127.0.0.1' } = options;
  const metrics = new ServerMetrics();
  const { maxBatch = 64, maxQueue = 1024, batchDelayMs = 0, maxBodyBytes = 64 * 1_048_576 } = options;
  const own = options.folder === undefined ? undefined : await takeOwnFolder(options.folder);
  const models = await ModelFolder.open(store, own?.path);
  const revisions = new Revisions({
    models,
    log,
    limits: { maxBatch, maxQueue, batchDelayMs },
    onBatch: metrics.batch.bind(metrics),
    onRetired: metrics.retired.bind(metrics),
  });
  const serverId = own?.id ?? newServerId();
  const counts = new TrafficCounts({ store, server: serverId, log, everyMs: options.countsEveryMs });
  const everyMs = options.logEveryMs ?? 10_000;
  const ahead = own && new WriteAhead({ store, folder: join(own.path, 'log'), writer: own.id, everyMs, log });
  const observer = new Observer(metrics, counts, ahead);
  let closing = false;
  const context = { revisions, observer, maxBodyBytes, ready: () => follower.complete };
  const server = createServer(
    { requestTimeout: 60_000, keepAliveTimeout: 65_000, noDelay: true },
    (request, response) => {
      if (closing) response.setHeader('connection', 'close');
      void answer(request, response, context);
    },
  );
  server.on('clientError', refuseGarbage);
  const port = await listen(server, host, options.port ?? 0).catch(async (error: unknown) => {
    await Promise.all([counts.close(), ahead?.close()]);
    await own?.release();
    throw error;
  });
  const address = options.advertise ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const { endpoints, pollMs = store.uri.startsWith('s3:') ? 1_000 : 250, trusted, signedOnly = false } = options;
  const source = { store, ...(trusted && { trusted }) };
  const followed = { source, signedOnly, revisions, models, serverId, address, endpoints, pollMs, log };
  const leftovers = options.folder === undefined ? undefined : publishLeftovers(options.folder, { store, log });
  // Nothing waits since the port was opened: no request comes before this line.
  const follower = new HeadFollower(followed);
  log.info({ address, serverId, store: store.uri }, 'model server listens');
  return {
    address,
    async close() {
      closing = true;
      const closed = new Promise((resolve) => server.close(resolve));
      await follower.close();
      await closed;
      await revisions.close();
      await Promise.all([counts.close(), ahead?.close(), leftovers]);
      await own?.release();
    },
  };
}

/** What servers wrote down that were killed and never started again. */
async function publishLeftovers(
  root: string,
  { store, log }: Pick<ModelServerOptions, 'store' | 'log'>,
): Promise<void> {
  try {
    for await (const { path, id } of abandonedFolders(root)) {
      const left = new WriteAhead({ store, folder: join(path, 'log'), writer: id, everyMs: 60_000, log });
      await left.close();
    }
  } catch (error) {
    log.warn({ error: messageOf(error) }, 'what other servers left was not published');
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === 'EADDRINUSE';
      reject(inUse ? new TrainyardError('TY1703', `the port ${port} of ${host} is in use`, { cause }) : cause);
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port); // a TCP server's address is never a string
    });
  });
}

/** What is not HTTP is answered like any other bad request, and its connection closed. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({ error: `this is not HTTP: ${error.code ?? error.message}` });
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
