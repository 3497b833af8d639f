/** Checkpoints in a trainer's process: the last one lies in a folder, a snapshot is handed to the worker. @module */
import { join } from 'node:path';
import type { DurableCheckpoints } from '../context/background-checkpoints.js';
import { TrainyardError } from '../contracts/errors.js';
import type { Channel } from './channel.js';
import type { Start } from './protocol.js';

type Latest = NonNullable<Start['latest']>;

/**
 * Where a trainer's checkpoints come from and go to. The request leaves at once, so that the worker stores the snapshot while a
 * busy loop keeps this process from hearing of it.
 */
export function channelCheckpoints(channel: Channel, { latest }: Start): DurableCheckpoints {
  return {
    latest: () => Promise.resolve(latest && { ...latest, file: (name) => fileOf(latest, name) }),
    store: async (state, files, numerics) => {
      const paths = Object.fromEntries(Object.entries(files).map(([name, { path }]) => [name, path]));
      // JSON by its contract; the worker checks it.
      await channel.ask({ type: 'checkpoint', state: state as Latest['state'], files: paths, numerics });
    },
  };
}

async function fileOf({ folder, files }: Latest, name: string): Promise<string> {
  if (files.includes(name)) return Promise.resolve(join(folder, name));
  throw new TrainyardError('TY1305', `the checkpoint has no file "${name}", it has: ${files.join(', ')}`);
}
