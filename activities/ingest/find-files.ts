/** The files that a source names: paths, `file:` and `s3:` URLs, folders and globs, in one order everywhere. @module */
import { readdir, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrainyardError } from '../../src/contracts/errors.js';
import type { TableSource } from '../../src/stages/table-source.js';
import { fetchObjects, type ObjectQuery, type Origin } from './find-objects.js';
import { globToRegExp } from './glob.js';

/** A file as it was found. */
export interface SourceFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Of a file that was fetched from somewhere. */
  readonly origin?: Origin;
}

/** A source whose files are known. */
export interface FoundSource {
  /** The table's name in SQL. */
  readonly name: string;
  readonly source: TableSource;
  readonly format: 'csv' | 'jsonl' | 'parquet';
  readonly files: readonly SourceFile[];
}

const extensions = { csv: /\.[ct]sv(\.gz)?$/i, jsonl: /\.(jsonl|ndjson)(\.gz)?$/i, parquet: /\.parquet$/i };
const formats = ['csv', 'jsonl', 'parquet'] as const;

/** Where files that are fetched are put, what stops it, and who is told. */
export type FetchPlace = Pick<ObjectQuery, 'folder' | 'signal' | 'progress'>;

/** Throws TY1402 for what is not there, is of another scheme than `file:` and `s3:`, or of no known format. */
export async function findFiles(name: string, source: TableSource, place: FetchPlace): Promise<FoundSource> {
  const given = await Promise.all(
    [source.path].flat().map((path, index) => {
      const folder = join(place.folder, encodeURIComponent(name), String(index).padStart(4, '0'));
      return matches(name, path, { ...place, folder });
    }),
  );
  const unique = new Map(given.flat().map((file) => [file.origin?.uri ?? file.path, file]));
  const files = await Promise.all([...unique.keys()].sort().map((key) => statOf(unique.get(key) ?? { path: key })));
  const format = source.format === 'auto' ? formatOf(name, files) : source.format;
  const empty = files.find(({ sizeBytes }) => sizeBytes === 0);
  if (empty) throw new TrainyardError('TY1403', `source ${name}: ${empty.origin?.uri ?? empty.path} is empty`);
  return { name, source, format, files };
}

/** Throws TY1410 when a file has another size or time of change than when it was found. */
export async function assertUnchanged({ name, files }: FoundSource): Promise<void> {
  for (const file of files) {
    const now = await statOf(file).catch(() => undefined);
    if (now?.sizeBytes !== file.sizeBytes || now.modifiedMs !== file.modifiedMs)
      throw new TrainyardError('TY1410', `source ${name}: ${file.path} changed while it was read`);
  }
}

type Named = Pick<SourceFile, 'path' | 'origin'>;

async function statOf(named: Named): Promise<SourceFile> {
  const { size, mtimeMs } = await stat(named.path);
  return { ...named, sizeBytes: size, modifiedMs: mtimeMs };
}

async function matches(name: string, given: string, place: FetchPlace): Promise<Named[]> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(given)?.[1]?.toLowerCase();
  if (scheme === 's3') return fetchObjects({ name, uri: given, isTable, ...place });
  if (scheme !== undefined && scheme !== 'file')
    throw new TrainyardError(
      'TY1402',
      `source ${name}: "${given}" is of the scheme ${scheme}:, only local files and s3: are read`,
    );
  const path = resolve(scheme === undefined ? given : fileURLToPath(given));
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return [{ path }];
  const pattern = found === undefined ? globToRegExp(path) : undefined;
  const folder = pattern ? path.slice(0, path.lastIndexOf(sep, path.search(/[*?]/)) + 1) : path;
  const below = found?.isDirectory() === true || pattern ? await filesBelow(folder) : [];
  const wanted = below.filter((file) => (pattern ? pattern.test(file) : isTable(file)));
  if (wanted.length > 0) return wanted.map((file) => ({ path: file }));
  const where = path === given ? '' : ` (${path})`;
  const what = found
    ? 'has no .csv, .tsv, .jsonl, .ndjson or .parquet file'
    : pattern
      ? 'matches no file'
      : 'does not exist';
  throw new TrainyardError('TY1402', `source ${name}: "${given}"${where} ${what}`);
}

function isTable(path: string): boolean {
  return formats.some((one) => extensions[one].test(path));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function formatOf(name: string, files: readonly SourceFile[]): FoundSource['format'] {
  const found = new Set(files.map(({ path }) => formats.find((one) => extensions[one].test(path))));
  const [format] = found;
  if (found.size === 1 && format !== undefined) return format;
  const paths = files.slice(0, 3).map(({ path }) => path);
  throw new TrainyardError('TY1402', `source ${name}: the extensions of ${paths.join(', ')} do not say one format`);
}
