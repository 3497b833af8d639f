/** What commands share that serve HTTP until they are stopped. @module */
import type { Command } from 'commander';
import { portNumber } from './numbers.js';
import { onParentEnd } from './parent.js';
import { type ProjectFlags, withProjectFlags } from './session.js';

/** Where to listen, and until when. */
export interface ServingFlags extends ProjectFlags {
  readonly port: number;
  readonly host: string;
  readonly exitWithParent?: boolean;
}

/** Adds {@link ServingFlags}. */
export function withServingFlags(command: Command, port: number, hostWords = 'address to listen on'): Command {
  return withProjectFlags(command)
    .option('--port <port>', '0: any free one', portNumber, port)
    .option('--host <address>', hostWords, '127.0.0.1')
    .option('--exit-with-parent', 'stop when standard input closes');
}

/** Says that it serves; closes the server after SIGTERM, SIGINT, or the end of the parent. */
export async function serveUntilStopped(
  server: { close(): Promise<void> },
  words: string,
  { exitWithParent = false }: ServingFlags,
): Promise<void> {
  process.stdout.write(`${words}\n`);
  await stopRequest(exitWithParent);
  await server.close();
}

function stopRequest(exitWithParent: boolean): Promise<void> {
  return new Promise((resolve) => {
    let forget = () => {};
    const stop = () => {
      forget();
      resolve();
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
    if (exitWithParent) forget = onParentEnd(stop);
  });
}
