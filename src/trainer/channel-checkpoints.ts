/** Checkpoints in a trainer's process: the last one lies in a folder, a new one is handed to the worker. @module */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CheckpointAccess, CheckpointFiles } from '../context/stage-context.js';
import { TrainyardError } from '../contracts/errors.js';
import type { Channel } from './channel.js';
import type { Start } from './protocol.js';

type SavedState = NonNullable<Start['latest']>['state'];

/** `ctx.checkpoints` of a trainer. */
export function channelCheckpoints(channel: Channel, { latest, scratch }: Start): CheckpointAccess<unknown> {
  let saves = 0;
  return {
    latest: () => Promise.resolve(latest && { ...latest, file: (name) => fileOf(latest, name) }),
    save: async (state, files = {}, { numerics = {} } = {}) => {
      const folder = join(scratch, `checkpoint-${++saves}`);
      const paths = await writeFiles(folder, files);
      // JSON by its contract; the worker checks it.
      await channel.ask({ type: 'checkpoint', state: state as SavedState, files: paths, numerics });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function fileOf({ folder, files }: NonNullable<Start['latest']>, name: string): Promise<string> {
  if (files.includes(name)) return Promise.resolve(join(folder, name));
  throw new TrainyardError('TY1305', `the checkpoint has no file "${name}", it has: ${files.join(', ')}`);
}

/** Paths by name: bytes become files in `folder`, files stay where they are. Not synced: the store does that. */
async function writeFiles(folder: string, files: CheckpointFiles): Promise<Record<string, string>> {
  const paths: Record<string, string> = {};
  for (const [name, file] of Object.entries(files)) {
    const path = file instanceof Uint8Array ? join(folder, name) : file.path;
    if (file instanceof Uint8Array) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, file);
    }
    paths[name] = path;
  }
  return paths;
}
