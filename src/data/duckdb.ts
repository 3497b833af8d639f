/** The one way to open DuckDB: in memory, with limits, a spill folder of its own, no network, and no file but the named ones. @module */
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBResult,
  type JS,
  StatementType,
} from '@duckdb/node-api';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type ErrorCode, messageOf, TrainyardError } from '../contracts/errors.js';

/** How to open a database. */
export interface DuckDbOptions {
  /** A folder that exists; `close` deletes the spill folder that is made in it. */
  readonly scratch: string;
  /** Files that may be read, as they are named in queries; everything else on the machine is out of reach. */
  readonly files: readonly string[];
  /** A folder that may be written to. */
  readonly output?: string;
  /** Memory for data; the process itself needs some 150 MB more. @default '700MB' */
  readonly memoryLimit?: string;
  /** Aborted: the running query ends within milliseconds, and every later one throws the reason. */
  readonly signal?: AbortSignal;
}

/** An open database; close it. Queries run one after the other, on threads of DuckDB's own. */
export class DuckDb {
  private readonly interrupt = (): void => {
    this.connection.interrupt();
  };

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly spill: string,
    private readonly signal: AbortSignal | undefined,
  ) {
    signal?.addEventListener('abort', this.interrupt);
  }

  /** Opens and locks a database: no query can change a limit or reach another file afterwards. */
  static async open(options: DuckDbOptions): Promise<DuckDb> {
    const spill = await mkdtemp(join(options.scratch, 'spill-'));
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: options.memoryLimit ?? '700MB',
      temp_directory: spill,
      // With one thread DuckDB cuts row groups elsewhere and the same rows give other bytes; from two on they are the same.
      threads: String(Math.max(2, availableParallelism())),
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    });
    const connection = await instance.connect();
    const db = new DuckDb(instance, connection, spill, options.signal);
    // The progress of a query is kept only while the bar is on; `print` keeps it off the terminal.
    await db.run(`SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET TimeZone = 'UTC'`);
    await db.run(`SET allowed_paths = [${options.files.map(literal).join(', ')}]`);
    if (options.output !== undefined) await db.run(`SET allowed_directories = [${literal(options.output)}]`);
    await db.run('SET enable_external_access = false; SET lock_configuration = true');
    return db;
  }

  /** Runs statements of ours. Throws TY1407 on a full disk, TY1408 beyond the memory limit, else `failure` (a sentence and a code) or DuckDB's own error. */
  async run(sql: string, failure?: Failure): Promise<DuckDBResult> {
    return this.guarded(() => this.connection.run(sql), failure);
  }

  /** The result of a query as objects: bigints as numbers where they are exact, else as text; instants as ISO 8601. */
  async rows(sql: string, failure?: Failure): Promise<Record<string, JS>[]> {
    return this.guarded(async () => {
      const rows = await (await this.connection.run(sql)).getRowObjectsJS();
      return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
    }, failure);
  }

  /** A query's result in chunks, as they are computed: see {@link fetch}. */
  async stream(sql: string): Promise<DuckDBResult> {
    return this.guarded(() => this.connection.stream(sql));
  }

  /** The next chunk, with at least one row; null at the end. */
  async fetch(result: DuckDBResult): Promise<DuckDBDataChunk | null> {
    const chunk = await this.guarded(() => result.fetchChunk());
    return chunk === null || chunk.rowCount === 0 ? null : chunk;
  }

  /** Throws TY1404 unless the text is exactly one statement that reads: `COPY`, `SET`, `CREATE` and `a; b` are refused. */
  async assertSelect(sql: string): Promise<void> {
    const statements = await this.guarded(() => this.connection.extractStatements(sql), refused(sql));
    if (statements.count !== 1)
      throw new TrainyardError('TY1404', `the SQL has ${statements.count} statements: ${excerpt(sql)}`);
    const statement = await this.guarded(() => statements.prepare(0), refused(sql));
    const reads = statement.statementType === StatementType.SELECT;
    statement.destroySync();
    if (!reads) throw new TrainyardError('TY1404', `the SQL does more than read: ${excerpt(sql)}`);
  }

  /** Source rows that the running query has read, and how many DuckDB expects; undefined between queries. */
  progress(): { readonly done: number; readonly total: number } | undefined {
    const { percentage, rows_processed: done, total_rows_to_process: total } = this.connection.progress;
    return percentage < 0 || total === 0n ? undefined : { done: Number(done), total: Number(total) };
  }

  /** Ends the database and deletes its spill folder. */
  async close(): Promise<void> {
    this.signal?.removeEventListener('abort', this.interrupt);
    this.connection.closeSync();
    this.instance.closeSync();
    await rm(this.spill, { recursive: true, force: true });
  }

  private async guarded<T>(query: () => Promise<T>, failure?: Failure): Promise<T> {
    this.signal?.throwIfAborted();
    // DuckDB forgets an interrupt that comes before its own thread has taken up the query: said again until the query ends.
    const insist = this.signal && setInterval(() => this.signal?.aborted && this.interrupt(), 50);
    try {
      return await query();
    } catch (cause) {
      this.signal?.throwIfAborted();
      throw explained(cause, failure);
    } finally {
      clearInterval(insist);
    }
  }
}

/** What a query failing means: the sentence gets DuckDB's own words behind it. */
export interface Failure {
  readonly code: ErrorCode;
  readonly what: string;
}

/** A failure of a user's SQL. */
export function refused(sql: string): Failure {
  return { code: 'TY1404', what: `DuckDB refuses ${excerpt(sql)}` };
}

/** A name in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The value of a text column; '' for null. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function explained(cause: unknown, failure: Failure | undefined): unknown {
  const message = messageOf(cause).split('\n')[0] ?? '';
  if (/No space left on device|max_temp_directory_size/.test(messageOf(cause)))
    return new TrainyardError('TY1407', `the disk is full: ${message}`, { cause });
  if (message.startsWith('Out of Memory Error')) return new TrainyardError('TY1408', message, { cause });
  return failure ? new TrainyardError(failure.code, `${failure.what}: ${message}`, { cause }) : cause;
}

function excerpt(sql: string): string {
  const line = sql.replace(/\s+/g, ' ').trim();
  return `"${line.length > 80 ? `${line.slice(0, 77)}…` : line}"`;
}

function plain(value: JS): JS {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  return value instanceof Date ? value.toISOString() : value;
}
