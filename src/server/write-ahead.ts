/** Rows that are on disk before their request is answered, and reach the store as segments, each once, whatever is killed in between. @module */
import { closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { isErrno } from '../artifacts/durable-files.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { messageOf } from '../contracts/errors.js';
import { keySegment } from '../contracts/names.js';
import { logKinds, type LogKind, type LogLine, publishSegment } from '../records/request-log.js';
import { TableMaker } from './table-maker.js';

export interface WriteAheadOptions {
  readonly store: ArtifactStore;
  /** A folder that nobody else writes to. */
  readonly folder: string;
  /** Names the segments' writer: stays with the folder. */
  readonly writer: string;
  /** A file is published when it is so old, milliseconds, */
  readonly everyMs: number;
  /** or holds so many bytes. */
  readonly segmentBytes?: number;
  /** What waits for the store at most; rows beyond are refused. */
  readonly mostBytes?: number;
  readonly log: Logger;
}

/** A file that is to be published. */
interface Waiting {
  readonly kind: LogKind;
  readonly endpoint: string;
  readonly path: string;
  readonly bytes: number;
}

interface Open extends Omit<Waiting, 'bytes'> {
  readonly file: number;
  readonly sinceMs: number;
  bytes: number;
}

/**
 * A row is handed to the kernel by `write` before this returns: a process that is killed loses none, a machine that loses power may lose the
 * last seconds. A file's name decides its segment's, so that a file that was published and not removed yet is not published twice.
 */
export class WriteAhead {
  readonly #open = new Map<string, Open>();
  readonly #tables = new TableMaker();
  readonly #timer: NodeJS.Timeout;
  #waiting: Waiting[] = [];
  #publishing: Promise<void>;
  #waitingBytes = 0;
  #lastName = 0;
  #trouble = '';

  constructor(private readonly options: WriteAheadOptions) {
    this.#publishing = this.#recover();
    this.#timer = setInterval(() => void this.#turn(false), Math.min(1_000, options.everyMs));
    this.#timer.unref();
  }

  /** Whether there is room for more rows. */
  get hasRoom(): boolean {
    return this.#waitingBytes < (this.options.mostBytes ?? 256 * 1_048_576);
  }

  /** Writes rows down; false, with nothing written, where there is no room, or the disk takes no more. */
  append(kind: LogKind, endpoint: string, rows: readonly LogLine[]): boolean {
    if (!this.hasRoom || rows.length === 0) return false;
    const key = `${kind}/${endpoint}`;
    const lines = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    let open = this.#open.get(key);
    try {
      open ??= this.#begin(key, kind, endpoint);
      let written = 0;
      while (written < lines.byteLength) written += writeSync(open.file, lines, written);
    } catch (error) {
      this.#tell(error);
      if (open) this.#end(key, open); // a line may be torn: the next ones go into a file of their own
      return false;
    }
    open.bytes += lines.byteLength;
    this.#waitingBytes += lines.byteLength;
    if (open.bytes >= (this.options.segmentBytes ?? 1_048_576)) {
      this.#end(key, open);
      void this.#turn(false);
    }
    return true;
  }

  /** Publishes what was written; what the store does not take now is published at the next start. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#turn(true);
    await this.#tables.close();
  }

  #begin(key: string, kind: LogKind, endpoint: string): Open {
    this.#lastName = Math.max(Date.now(), this.#lastName + 1);
    const folder = join(this.options.folder, kind, keySegment(endpoint));
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${String(this.#lastName).padStart(13, '0')}.jsonl`);
    const open = { kind, endpoint, path, file: openSync(path, 'ax'), sinceMs: performance.now(), bytes: 0 };
    this.#open.set(key, open);
    return open;
  }

  #end(key: string, { kind, endpoint, path, file, bytes }: Open): void {
    this.#open.delete(key);
    closeSync(file);
    this.#waiting.push({ kind, endpoint, path, bytes });
  }

  #turn(all: boolean): Promise<void> {
    for (const [key, open] of [...this.#open])
      if (all || performance.now() - open.sinceMs >= this.options.everyMs) this.#end(key, open);
    return (this.#publishing = this.#publishing.then(() => this.#publish()));
  }

  /** In order: a reader's cursor knows only the last segment of a writer. */
  async #publish(): Promise<void> {
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        await this.#publishFile(next);
        rmSync(next.path, { force: true });
        this.#waitingBytes -= next.bytes;
        this.#waiting.shift();
      }
      this.#trouble = '';
    } catch (error) {
      this.#tell(error);
    }
  }

  async #publishFile({ kind, endpoint, path }: Waiting): Promise<void> {
    const { store, writer } = this.options;
    const name = path.slice(path.lastIndexOf('/') + 1, -'.jsonl'.length);
    const table = await this.#tables.make({ kind, path });
    if (table) await publishSegment(store, { kind, endpoint, writer, name }, table);
  }

  /** What the last process of this folder left. */
  async #recover(): Promise<void> {
    try {
      const found: Waiting[] = [];
      for (const kind of logKinds)
        for (const segment of await namesIn(join(this.options.folder, kind))) {
          const endpoint = decodeURIComponent(segment);
          const folder = join(this.options.folder, kind, segment);
          for (const name of (await namesIn(folder)).sort()) {
            const path = join(folder, name);
            // One that this process has begun meanwhile is no leftover.
            if ([...this.#open.values(), ...this.#waiting].some((own) => own.path === path)) continue;
            found.push({ kind, endpoint, path, bytes: statSync(path).size });
          }
        }
      this.#waitingBytes += found.reduce((sum, { bytes }) => sum + bytes, 0);
      this.#waiting = [...found, ...this.#waiting];
    } catch (error) {
      this.#tell(error);
    }
    await this.#publish();
  }

  #tell(error: unknown): void {
    const trouble = messageOf(error);
    if (trouble !== this.#trouble) this.options.log.warn({ error: trouble }, 'rows that were logged wait on this disk');
    this.#trouble = trouble;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
