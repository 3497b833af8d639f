/** A store as one attempt sees it: a file that it was given stays until the attempt ends. @module */
import { randomUUID } from 'node:crypto';
import { link, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, writeNewFile } from './durable-files.js';
import { isUnwritable } from './local-cache.js';
import type { ArtifactStore } from './store.js';
import type { Content } from './verified.js';

/** How often a file may be taken away between being given and being linked. */
const tries = 5;

/**
 * The same store, except that `materialise` gives each file a second name (a hard link, which costs no space) below `folder`: a cache may drop
 * its own name, and a collection may lay the object aside, while a library still reads the path. The names go with the folder. Where
 * the file system cannot link, the file's own path is given; where a cache on the way cannot be written, the bytes go into the folder itself.
 */
export function pinning(store: ArtifactStore, folder: () => string): ArtifactStore {
  return {
    uri: store.uri,
    housekeeping: store.housekeeping,
    put: (source, options) => store.put(source, options),
    get: (ref) => store.get(ref),
    create: (key, value) => store.create(key, value),
    read: (key) => store.read(key),
    list: (prefix) => store.list(prefix),
    materialise: async (ref: Content) => {
      const pins = join(folder(), 'pinned');
      await mkdir(pins, { recursive: true });
      const pin = join(pins, ref.sha256);
      for (let left = tries; ; left--) {
        let path: string;
        try {
          path = await store.materialise(ref);
        } catch (error) {
          if (!isUnwritable(error)) throw error;
          return await fetchTo(pin, store, ref);
        }
        try {
          await link(path, pin);
          return pin;
        } catch (error) {
          if (isErrno(error, 'EEXIST')) return pin;
          if (isErrno(error, 'ENOENT') && left > 1) continue;
          // Another file system, another owner, or one without links.
          if (isErrno(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP')) return path;
          throw error;
        }
      }
    },
  };
}

async function fetchTo(pin: string, store: ArtifactStore, ref: Content): Promise<string> {
  const path = `${pin}-${randomUUID()}`;
  await writeNewFile(path, store.get(ref));
  await rename(path, pin);
  return pin;
}
