/** The files that a source names: paths, `file:` URLs, folders and globs, in one order everywhere. @module */
import { readdir, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrainyardError } from '../../src/contracts/errors.js';
import type { TableSource } from '../../src/stages/table-source.js';

/** A file as it was found. */
export interface SourceFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
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

/** Throws TY1402 for what is not there, is of another scheme than `file:`, or of no known format. */
export async function findFiles(name: string, source: TableSource): Promise<FoundSource> {
  const paths = await Promise.all([source.path].flat().map((path) => matches(name, path)));
  const files = await Promise.all([...new Set(paths.flat())].sort().map(statOf));
  const format = source.format === 'auto' ? formatOf(name, files) : source.format;
  const empty = files.find(({ sizeBytes }) => sizeBytes === 0);
  if (empty) throw new TrainyardError('TY1403', `source ${name}: ${empty.path} is empty`);
  return { name, source, format, files };
}

/** Throws TY1410 when a file has another size or time of change than when it was found. */
export async function assertUnchanged({ name, files }: FoundSource): Promise<void> {
  for (const file of files) {
    const now = await statOf(file.path).catch(() => undefined);
    if (now?.sizeBytes !== file.sizeBytes || now.modifiedMs !== file.modifiedMs)
      throw new TrainyardError('TY1410', `source ${name}: ${file.path} changed while it was read`);
  }
}

async function statOf(path: string): Promise<SourceFile> {
  const { size, mtimeMs } = await stat(path);
  return { path, sizeBytes: size, modifiedMs: mtimeMs };
}

async function matches(name: string, given: string): Promise<string[]> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(given)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'file')
    throw new TrainyardError(
      'TY1402',
      `source ${name}: "${given}" is of the scheme ${scheme}:, only local files are read`,
    );
  const path = resolve(scheme === undefined ? given : fileURLToPath(given));
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return [path];
  const pattern = found === undefined ? globToRegExp(path) : undefined;
  const folder = pattern ? path.slice(0, path.lastIndexOf(sep, path.search(/[*?]/)) + 1) : path;
  const below = found?.isDirectory() === true || pattern ? await filesBelow(folder) : [];
  const wanted = below.filter((file) =>
    pattern ? pattern.test(file) : formats.some((one) => extensions[one].test(file)),
  );
  if (wanted.length > 0) return wanted;
  const where = path === given ? '' : ` (${path})`;
  const what = found
    ? 'has no .csv, .tsv, .jsonl, .ndjson or .parquet file'
    : pattern
      ? 'matches no file'
      : 'does not exist';
  throw new TrainyardError('TY1402', `source ${name}: "${given}"${where} ${what}`);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** `*` and `?` stay within a folder, `**` crosses folders; undefined for a path without any. */
function globToRegExp(path: string): RegExp | undefined {
  if (!/[*?]/.test(path)) return undefined;
  const source = path.replace(/\*\*\/|\*\*|[*?]|[\\^$.|+()[\]{}]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part === '?' ? '[^/]' : `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}

function formatOf(name: string, files: readonly SourceFile[]): FoundSource['format'] {
  const found = new Set(files.map(({ path }) => formats.find((one) => extensions[one].test(path))));
  const [format] = found;
  if (found.size === 1 && format !== undefined) return format;
  const paths = files.slice(0, 3).map(({ path }) => path);
  throw new TrainyardError('TY1402', `source ${name}: the extensions of ${paths.join(', ')} do not say one format`);
}
