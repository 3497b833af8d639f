/** A worker's health and Prometheus metrics on one port. @module */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** A running health server. */
export interface Health {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Answers `/health/live`, `/health/ready` (503 with the reason while there is a `problem`) and `/metrics`.
 * @param options.port 0 for any free one.
 * @throws TrainyardError TY1111 when the port is taken.
 */
export async function serveHealth(options: {
  readonly port: number;
  readonly registry: Registry;
  /** Why the worker takes no work; undefined while it does. */
  problem(): string | undefined;
}): Promise<Health> {
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      void options.registry
        .metrics()
        .then((text) => response.setHeader('Content-Type', options.registry.contentType).end(text));
      return;
    }
    const known = request.url === '/health/live' || request.url === '/health/ready';
    const problem = request.url === '/health/live' ? undefined : options.problem();
    const ready = problem === undefined;
    response.writeHead(known ? (ready ? 200 : 503) : 404, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(known ? { ready, problem } : { error: `no such path: ${request.url ?? ''}` }));
  });
  await listen(server, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) =>
        server
          .close(() => {
            resolve();
          })
          .closeAllConnections(),
      ),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new TrainyardError('TY1111', `the health port ${port} cannot be used: ${messageOf(error)}`, { cause: error }),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
