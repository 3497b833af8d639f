/** The artifact store in memory, for tests: it behaves like the others and is gone with the process. @module */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { objectKey, objectUri } from '../contracts/names.js';
import type { Ref } from '../contracts/refs.js';
import { chunksOf, sha256 } from './digest.js';
import { isErrno } from './durable-files.js';
import { assertRecordFolder, assertRecordKey, prefixRule } from './keys.js';
import { MemoryHousekeeping } from './memory-housekeeping.js';
import type { ArtifactStore, Source } from './store.js';
import { collect, missing, verified, type Content } from './verified.js';

let stores = 0;
let scratch: string | undefined;

/** A store that forgets. Its maps are open, so that a test can damage what is in them. */
export class MemoryStore implements ArtifactStore {
  readonly uri = `memory:${++stores}`;
  /** Bytes by sha256. */
  readonly objects = new Map<string, Uint8Array>();
  readonly records = new Map<string, Uint8Array>();
  readonly housekeeping = new MemoryHousekeeping(this.objects, this.records);

  async put(source: Source, options?: { readonly signal?: AbortSignal }): Promise<Ref> {
    const bytes = await collect(abortable(source, options?.signal));
    const digest = sha256(bytes);
    this.objects.set(digest, bytes);
    this.housekeeping.times.set(digest, Date.now());
    return { uri: objectUri(digest), sha256: digest, sizeBytes: bytes.byteLength };
  }

  async *get(content: Content): AsyncGenerator<Uint8Array, void, undefined> {
    if (!this.objects.has(content.sha256)) await this.housekeeping.restore(content.sha256);
    const bytes = this.objects.get(content.sha256);
    if (bytes === undefined) throw missing(content, this.uri);
    yield* verified(content, this.uri, copyOf(bytes));
  }

  async materialise(content: Content): Promise<string> {
    const bytes = await collect(this.get(content));
    const path = join(scratchFolder(), this.uri.replace(':', '-'), objectKey(content.sha256));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes, { flag: 'wx', mode: 0o444 }).catch((error: unknown) => {
      if (!isErrno(error, 'EEXIST')) throw error;
    });
    return path;
  }

  async create(key: string, value: Uint8Array): Promise<boolean> {
    await Promise.resolve();
    assertRecordKey(key);
    if (this.records.has(key)) return false;
    for (const other of this.records.keys())
      if (other.startsWith(`${key}/`) || key.startsWith(`${other}/`)) throw prefixRule(key);
    this.records.set(key, Uint8Array.from(value));
    this.housekeeping.times.set(key, Date.now());
    return true;
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    await Promise.resolve();
    assertRecordKey(key);
    const value = this.records.get(key);
    return value && Uint8Array.from(value);
  }

  async *list(prefix: string): AsyncGenerator<string, void, undefined> {
    await Promise.resolve();
    assertRecordFolder(prefix);
    yield* [...this.records.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
}

async function* abortable(source: Source, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunksOf(source)) {
    signal?.throwIfAborted();
    yield Uint8Array.from(chunk);
  }
}

async function* copyOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  await Promise.resolve();
  yield Uint8Array.from(bytes);
}

function scratchFolder(): string {
  if (scratch === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'trainyard-memory-store-'));
    process.once('exit', () => {
      rmSync(folder, { recursive: true, force: true });
    });
    scratch = folder;
  }
  return scratch;
}
