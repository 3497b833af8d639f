/** An HTTP server on this machine that records what it is asked and answers as a test says. @module */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came in. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Undefined where the body is no JSON. */
  readonly json: unknown;
}

/** What to answer; `none` lets the caller wait. */
export type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | 'none';

/** A server that runs until it is closed. */
export interface LocalServer {
  readonly url: string;
  readonly asked: Asked[];
  close(): Promise<void>;
}

export async function startServer(answer: (asked: Asked, count: number) => Answer): Promise<LocalServer> {
  const all: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      const json: unknown = text === '' ? undefined : JSON.parse(text);
      const { method = '', headers } = request;
      const asked = { method, path: pathname, query: searchParams, headers, text, json };
      all.push(asked);
      const given = answer(asked, all.length);
      if (given === 'none') return;
      response.writeHead(given.status, given.headers).end(given.body === undefined ? '' : JSON.stringify(given.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: all,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
