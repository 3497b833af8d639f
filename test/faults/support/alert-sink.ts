/** A webhook that alerts of a trial come to. @module */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { Alert } from '../../../src/contracts/alerts.js';

const Message = z.object({ data: Alert });

/** What one sink was told. */
export interface HeardAlerts {
  /** `firing …` and `resolved …` with the alert's id: messages by their ids, in the order in which each came first. */
  readonly messages: readonly string[];
  /** How often a message came that had come before. */
  readonly again: number;
}

/** Listens on a free port of this machine. */
export async function alertSink(): Promise<{
  readonly url: string;
  readonly heard: () => HeardAlerts;
  readonly close: () => void;
}> {
  const byId = new Map<string, string>();
  let again = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { data } = Message.parse(JSON.parse(Buffer.concat(chunks).toString()));
      const id = String(request.headers['webhook-id']);
      if (byId.has(id)) again++;
      else byId.set(id, told(data));
      response.end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    heard: () => ({ messages: [...byId.values()], again }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** An alert in a word. */
export function told({ status, id }: Alert): string {
  return `${status} ${id}`;
}
