/** What the page answers to each request: never a script, never another site's form, never to another site's name. @module */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { ArtifactStore } from '../artifacts/store.js';
import type { PipelineClient } from '../client/pipeline-client.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { Signer, TrustedKeys } from '../records/signing.js';
import { page } from './layout.js';
import type { Bearer } from './oidc.js';
import { type Answer, problem, type Redirect, routed } from './routes.js';
import { cookieOf, type Sessions } from './sessions.js';
import { style } from './style.js';
import { type IdentityProviders, visitorOf } from './visitor.js';

/** What the routes stand on. */
export interface PageContext {
  readonly project: string;
  readonly client: Client;
  readonly pipelines: PipelineClient;
  readonly store: ArtifactStore;
  readonly signer: Signer;
  readonly trusted: TrustedKeys;
  readonly sessions: Sessions;
  readonly providers: IdentityProviders;
  /** Of the tokens that are taken; undefined where none are. */
  readonly issuer: string | undefined;
  readonly isSecure: boolean;
  /** Whether a browser that says it is at this host is at this page. */
  readonly isOwnHost: (host: string | undefined) => boolean;
  /** Whether a form comes from this page. */
  readonly isOwnOrigin: (origin: string) => boolean;
  readonly log: Logger;
}

/** No scripts at all, nothing of other sites, in nobody's frame. `same-origin`: without a referrer browsers hide a form's origin, too. */
const headers = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;

/** Answers a request; never throws. */
export async function answer(request: IncomingMessage, response: ServerResponse, context: PageContext): Promise<void> {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // Another site's name that leads here (DNS rebinding) must not make its scripts ours.
  if (!context.isOwnHost(request.headers.host)) {
    response.writeHead(421, { 'content-type': 'text/plain' }).end('this page has another address\n');
    return;
  }
  if (request.url === '/style.css') {
    response.writeHead(200, { 'content-type': 'text/css; charset=utf-8' }).end(style);
    return;
  }
  const session = context.sessions.of(request);
  let visitor: Bearer | undefined;
  let result: Answer | Redirect;
  try {
    visitor = await visitorOf(request, session, context.providers);
    result = await routed(request, { ...context, session, visitor });
  } catch (error) {
    result = failure(error, context.log);
  }
  const current = result.session ?? session;
  response.setHeader('set-cookie', cookieOf(current, context.isSecure));
  if ('to' in result) {
    response.writeHead(303, { location: result.to }).end();
    return;
  }
  const { checkToken, clientCertificates } = context.providers;
  const frame = {
    project: context.project,
    visitor,
    claimsOnly: checkToken === undefined && !clientCertificates,
    signOut: session.bearer && context.sessions.formToken(session, '/sign-out'),
  };
  response
    .writeHead(result.status, { 'content-type': 'text/html; charset=utf-8' })
    .end(page(frame, result.title, result.content));
}

function failure(error: unknown, log: Logger): Answer {
  if (error instanceof RangeError || error instanceof URIError) return problem(400, 'Not understood', messageOf(error));
  if (error instanceof TrainyardError)
    return problem(error.code.startsWith('TY22') ? 403 : 502, 'That did not work', error.message);
  log.error(error, 'the page failed');
  return problem(500, 'That did not work', 'The log of this server says why.');
}
