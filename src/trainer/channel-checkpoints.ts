/** Checkpoints in a trainer's process: the last one lies in a folder, a new one is handed to the worker. @module */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { CheckpointAccess, CheckpointFiles } from '../context/stage-context.js';
import type { Channel } from './channel.js';
import type { Start } from './protocol.js';

/** `ctx.checkpoints` of a trainer. */
export function channelCheckpoints(channel: Channel, { latest, scratch }: Start): CheckpointAccess<unknown> {
  let saves = 0;
  return {
    latest: () => Promise.resolve(latest && { ...latest, file: (name) => Promise.resolve(join(latest.folder, name)) }),
    save: async (state, files = {}, { numerics = {} } = {}) => {
      const folder = join(scratch, `checkpoint-${++saves}`);
      const paths = await writeFiles(folder, files);
      await channel.ask({ type: 'checkpoint', state: z.json().parse(state), files: paths, numerics });
      await rm(folder, { recursive: true, force: true });
    },
  };
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
