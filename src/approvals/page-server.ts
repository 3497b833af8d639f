/** The page on which people decide: a small server without scripts, by http on this machine or by TLS. @module */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { ArtifactStore } from '../artifacts/store.js';
import { PipelineClient } from '../client/pipeline-client.js';
import { TrainyardError } from '../contracts/errors.js';
import type { OidcOptions } from '../contracts/people.js';
import type { Signer, TrustedKeys } from '../records/signing.js';
import { answer } from './answer.js';
import { tokenChecker } from './oidc.js';
import { Sessions } from './sessions.js';

/** What the page stands on. */
export interface ApprovalsPageOptions {
  /** The project's name. */
  readonly project: string;
  readonly client: Client;
  readonly store: ArtifactStore;
  /** Attests who decided: workers must trust it. */
  readonly signer: Signer;
  /** Readers of records that have ended trust these. */
  readonly trusted: TrustedKeys;
  readonly log: Logger;
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes a free one. @default 0 */
  readonly port?: number;
  /** Where people find it, if that is not where it listens: behind a proxy. */
  readonly origin?: string;
  /** PEM. With `clientCa` people are who their certificates say, and nobody else is let in. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer; readonly clientCa?: Buffer };
  /** Whose tokens say who somebody is. */
  readonly oidc?: OidcOptions;
}

/** A page that is served. */
export interface ApprovalsPage {
  readonly address: string;
  close(): Promise<void>;
}

const loopback = new Set(['127.0.0.1', 'localhost', '::1']);

/** Starts the page; resolves when it listens. Throws TY2215 where others than people of this machine could decide unknown, TY1111 when the port is taken. */
export async function startApprovalsPage(options: ApprovalsPageOptions): Promise<ApprovalsPage> {
  const { project, client, store, signer, trusted, log, host = '127.0.0.1', tls, oidc, origin } = options;
  if (!loopback.has(host)) assertGuarded(options);
  let own: readonly URL[] = [];
  const context = {
    project,
    client,
    pipelines: new PipelineClient({ client, project, store }),
    store,
    signer,
    trusted,
    sessions: new Sessions(),
    providers: { checkToken: oidc && tokenChecker(oidc), clientCertificates: tls?.clientCa !== undefined },
    issuer: oidc?.issuer,
    isSecure: tls !== undefined || (origin?.startsWith('https:') ?? false),
    isOwnHost: (name: string | undefined) => own.some((url) => url.host === name?.toLowerCase()),
    isOwnOrigin: (name: string) => own.some((url) => url.origin === name),
    log,
  };
  const server = serverFor(tls, (request, response) => void answer(request, response, context));
  const port = await listen(server, host, options.port ?? 0);
  const scheme = tls ? 'https' : 'http';
  const names = loopback.has(host) ? ['127.0.0.1', 'localhost', '[::1]'] : [host.includes(':') ? `[${host}]` : host];
  own = [...names.map((name) => `${scheme}://${name}:${port}`), ...(origin === undefined ? [] : [origin])].map(
    (url) => new URL(url),
  );
  return {
    address: (origin === undefined ? own[0] : own.at(-1))?.origin ?? '',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Whom others can reach must ask for proof, and where nothing but a proxy encrypts, somebody has to say that there is one. */
function assertGuarded({ host = '', tls, oidc, origin }: ApprovalsPageOptions): void {
  if (!tls?.clientCa && !oidc)
    throw new TrainyardError('TY2215', `at ${host} others could decide, and nothing says who they are`);
  if (!tls && !origin?.startsWith('https:'))
    throw new TrainyardError('TY2215', `at ${host} tokens would travel unencrypted`, {
      remedy: 'Give a certificate (--tls-cert, --tls-key), or the https address of the proxy in front (--origin)',
    });
}

function serverFor(tls: ApprovalsPageOptions['tls'], onRequest: RequestListener): Server {
  const limits = { requestTimeout: 30_000, headersTimeout: 10_000 };
  if (tls === undefined) return createServer(limits, onRequest);
  const { cert, key, clientCa } = tls;
  const askForCertificate = clientCa && { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return createTlsServer({ ...limits, cert, key, minVersion: 'TLSv1.2', ...askForCertificate }, onRequest);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === 'EADDRINUSE';
      reject(inUse ? new TrainyardError('TY1111', `the port ${port} of ${host} is in use`, { cause }) : cause);
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port)); // a TCP server's address is never a string
  });
}
