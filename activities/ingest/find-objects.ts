/** The objects that an `s3:` source names, as local files: fetched through the cache, in the state in which they were listed. @module */
import { link, mkdir, copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openCache } from '../../src/artifacts/open-store.js';
import type { S3Source, SourceObject } from '../../src/artifacts/s3-source.js';
import { isErrno } from '../../src/artifacts/durable-files.js';
import { TrainyardError } from '../../src/contracts/errors.js';
import { globToRegExp } from './glob.js';

/** An object on this machine. */
export interface FetchedObject {
  readonly path: string;
  readonly origin: Origin;
}

/** Where a file came from, as a dataset's manifest says it. */
export interface Origin {
  readonly uri: string;
  /** S3's name for the state of the object: its ETag. */
  readonly version: string;
  readonly sha256: string;
}

/** How the objects of a source are found. */
export interface ObjectQuery {
  /** The source's, for messages. */
  readonly name: string;
  /** `s3://bucket/key`, a folder of keys, or a pattern with `*` and `**`; options after `?` as in a store's uri. */
  readonly uri: string;
  /** Whether a file below a folder is one of a table. */
  readonly isTable: (path: string) => boolean;
  /** Where the files get names of their own, with the extensions of their keys: DuckDB reads formats from them. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number, unit: string) => void;
}

/** Throws TY1402 when the uri names no object, TY1410 when one changes between list and read. */
export async function fetchObjects(query: ObjectQuery): Promise<FetchedObject[]> {
  // The SDK takes a quarter of a second to load: only where it is needed.
  const { S3Source: Source } = await import('../../src/artifacts/s3-source.js');
  const source = new Source(query.uri, { cache: openCache(process.cwd()) });
  const fetched: FetchedObject[] = [];
  await mkdir(query.folder, { recursive: true });
  const objects = await find(source, query);
  const total = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let done = 0;
  for (const [index, object] of objects.entries()) {
    const path = join(query.folder, `${String(index).padStart(6, '0')}-${basename(object.key)}`);
    const { path: copy, content } = await source.fetch(object, path, query.signal);
    if (copy !== path) await giveName(copy, path);
    fetched.push({ path, origin: { uri: object.uri, version: object.etag, sha256: content.sha256 } });
    done += object.sizeBytes;
    query.progress(done, total, 'bytes');
  }
  return fetched;
}

async function find(source: S3Source, { name, uri, isTable }: ObjectQuery): Promise<SourceObject[]> {
  const { path } = source;
  const pattern = globToRegExp(path);
  if (pattern === undefined && path !== '' && !path.endsWith('/')) {
    const object = await source.object();
    if (object) return [object];
  }
  const prefix = pattern ? path.slice(0, path.search(/\*/)) : path === '' ? '' : `${path.replace(/\/$/, '')}/`;
  const objects: SourceObject[] = [];
  for await (const object of source.below(prefix))
    if (pattern ? pattern.test(object.key) : isTable(object.key)) objects.push(object);
  if (objects.length > 0) return objects.sort((a, b) => (a.uri < b.uri ? -1 : 1));
  const what = pattern
    ? 'matches no object'
    : 'is neither an object nor a folder with .csv, .tsv, .jsonl, .ndjson or .parquet objects';
  throw new TrainyardError('TY1402', `source ${name}: "${uri}" ${what}`);
}

/** A second name keeps a copy that the cache drops meanwhile. */
async function giveName(copy: string, path: string): Promise<void> {
  try {
    await link(copy, path);
  } catch (error) {
    if (!isErrno(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
    await copyFile(copy, path);
  }
}
