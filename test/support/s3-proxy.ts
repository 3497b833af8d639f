/** A proxy before an S3 server that goes wrong in the ways in which servers, lines and proxies do, when it is told to. @module */
import { once, setMaxListeners } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What happens to one request. */
export type Fault =
  /** The server is not asked. `code` is S3's name of the error. @default code 'InternalError' for 500, 'SlowDown' for 503 */
  | { readonly kind: 'status'; readonly status: number; readonly code?: string }
  /** The connection is cut before the server is asked. */
  | { readonly kind: 'reset' }
  /** The server does what it is asked; the client gets a status, or a cut connection where there is none. */
  | { readonly kind: 'lost answer'; readonly status?: number }
  /** Nothing is passed on, and nothing answers for so long; then the connection is cut. */
  | { readonly kind: 'stall'; readonly ms: number }
  /** The answer's body stops after so many bytes, and nothing more comes for so long; then the connection is cut. */
  | { readonly kind: 'stalled body'; readonly afterBytes: number; readonly ms: number }
  /** The answer's body ends after so many bytes with a cut connection. */
  | { readonly kind: 'short body'; readonly bytes: number }
  /** One bit of the answer's body is flipped, in its byte at this place (or the last one). */
  | { readonly kind: 'altered body'; readonly at: number }
  /** One bit of what the client sends is flipped, likewise. */
  | { readonly kind: 'altered upload'; readonly at: number };

/** A request as the proxy sees it. */
export interface SeenRequest {
  readonly method: string;
  /** `bucket/key` */
  readonly key: string;
  /** `uploads`, `partNumber`, `list-type` … */
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** 0, 1, … since the proxy started. */
  readonly number: number;
}

/** Says what is to happen to a request; undefined: nothing. */
export type Decide = (request: SeenRequest) => Fault | undefined;

/** A proxy that runs. */
export interface S3Proxy {
  /** What clients are given instead of the server's address. */
  readonly endpoint: string;
  /** Every request so far. */
  readonly seen: readonly SeenRequest[];
  /** From now on. Without one, and to begin with, everything passes. */
  decide(decide: Decide | undefined): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port before the server at `target`. Signatures hold: the client's own `Host` is passed on. */
export async function startS3Proxy(target: string): Promise<S3Proxy> {
  const { hostname, port } = new URL(target);
  const seen: SeenRequest[] = [];
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // one for each stalled request
  let decide: Decide = () => undefined;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', target);
    const { method = 'GET', headers } = request;
    const key = decodeURIComponent(pathname.slice(1));
    const one: SeenRequest = { method, key, query: searchParams, headers, number: seen.length };
    seen.push(one);
    response.on('error', () => undefined); // a client that went
    request.on('error', () => undefined);
    void serve({ request, response, server: { hostname, port }, signal: stop.signal }, decide(one)).catch(() => {
      response.destroy(); // the server went, or the client
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // A server that listens on a TCP port has such an address.
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    decide: (next) => {
      decide = next ?? (() => undefined);
    },
    close: async () => {
      stop.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The next `times` requests that match meet this fault. */
export function faultOnce(fault: Fault, matches: (request: SeenRequest) => boolean = () => true, times = 1): Decide {
  let left = times;
  return (request) => (left > 0 && matches(request) && left-- > 0 ? fault : undefined);
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: { readonly hostname: string; readonly port: string };
  readonly signal: AbortSignal;
}

async function serve(exchange: Exchange, fault: Fault | undefined): Promise<void> {
  const { request, response, signal } = exchange;
  switch (fault?.kind) {
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'stall':
      await delay(fault.ms, undefined, { signal }).catch(() => undefined);
      request.socket.destroy();
      return;
    case 'status':
      await readAll(request);
      answerStatus(response, fault.status, fault.code);
      return;
    case 'lost answer': {
      await readAll(await passOn(exchange));
      if (fault.status === undefined) request.socket.resetAndDestroy();
      else answerStatus(response, fault.status);
      return;
    }
    case 'altered upload':
      await giveBack(exchange, await passOn(exchange, flip(fault.at)));
      return;
    case 'stalled body':
    case 'short body':
    case 'altered body':
    case undefined:
      await giveBack(exchange, await passOn(exchange), fault);
  }
}

/** Sends the request to the server and gives its answer, the body still to be read. */
async function passOn({ request, server }: Exchange, alter?: (all: Buffer) => Buffer): Promise<IncomingMessage> {
  const { method, url, headers } = request;
  const onward = ask({ ...server, method, path: url, headers, agent: false });
  const answered = once(onward, 'response') as Promise<[IncomingMessage]>;
  answered.catch(() => undefined); // awaited below
  if (alter) onward.end(alter(await readAll(request)));
  else request.pipe(onward);
  const [answer] = await answered;
  return answer;
}

async function giveBack(
  { request, response, signal }: Exchange,
  answer: IncomingMessage,
  fault?: Fault,
): Promise<void> {
  // The body keeps its length: what breaks is what arrives of it.
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  if (fault?.kind === 'altered body') {
    response.end(flip(fault.at)(await readAll(answer)));
    return;
  }
  let left = fault?.kind === 'short body' ? fault.bytes : fault?.kind === 'stalled body' ? fault.afterBytes : Infinity;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (chunk.length >= left) {
      response.write(chunk.subarray(0, left));
      if (fault?.kind === 'stalled body') await delay(fault.ms, undefined, { signal }).catch(() => undefined);
      request.socket.destroySoon();
      return;
    }
    left -= chunk.length;
    if (!response.write(chunk)) await once(response, 'drain', { signal });
  }
  response.end();
}

function answerStatus(
  response: ServerResponse,
  status: number,
  code = status === 503 ? 'SlowDown' : 'InternalError',
): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>by the proxy</Message></Error>`);
}

function flip(at: number): (all: Buffer) => Buffer {
  return (all) => {
    const altered = Buffer.from(all);
    const place = Math.min(at, all.length - 1);
    if (place >= 0) altered[place] = (altered[place] ?? 0) ^ 1;
    return altered;
  };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
