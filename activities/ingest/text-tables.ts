/** CSV and JSON lines as tables of text in DuckDB, with the lines that are none marked or noted. @module */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { TrainyardError } from '../../src/contracts/errors.js';
import { literal, quoted } from '../../src/data/duckdb.js';
import type { FoundSource, SourceFile } from './find-files.js';

/** True in this column: the line is not a JSON object. */
export const malformedColumn = 'trainyard malformed';

const list = (files: readonly SourceFile[]): string => `[${files.map(({ path }) => literal(path)).join(', ')}]`;

/** Every line as one text, whatever stands in it: a separator that no text file has, and no quotes. */
const linesOptions = `delim = '\\x1e', quote = '', escape = '', header = false, auto_detect = false, columns = {line: 'VARCHAR'}`;

/**
 * SQL of a CSV file's rows as text. Lines with another number of fields or an open quote go into DuckDB's table
 * `reject_errors`. Nothing is sniffed: what a file's first rows look like does not decide what its last ones mean.
 */
export async function csvTable(found: FoundSource, names: readonly string[]): Promise<string> {
  const { name, files, source } = found;
  const tab = files.every(({ path }) => /\.tsv(\.gz)?$/i.test(path));
  const delimiter = source.csv.delimiter ?? (tab ? '\t' : ',');
  const headers = source.csv.header ? await Promise.all(files.map((file) => headerOf(name, file, delimiter))) : [names];
  const header = headers[0] ?? [];
  const other = headers.findIndex((one) => one.join('\n') !== header.join('\n'));
  if (other > 0)
    throw new TrainyardError(
      'TY1403',
      `source ${name}: ${files[other]?.path ?? ''} has other columns than ${files[0]?.path ?? ''}`,
    );
  return `SELECT * FROM read_csv(${list(files)}, header = ${source.csv.header}, delim = ${literal(delimiter)},
    quote = '"', escape = '"', auto_detect = false, columns = {${header.map((one) => `${literal(one)}: 'VARCHAR'`).join(', ')}},
    nullstr = [${source.csv.nullStrings.map(literal).join(', ')}], store_rejects = true)`;
}

/**
 * SQL of a JSON lines file's rows: the named properties as text, and {@link malformedColumn}. Not DuckDB's own reader,
 * which loses the good line after a bad one (1.5.6, `ignore_errors`).
 */
export function jsonTable({ files }: FoundSource, names: readonly string[]): string {
  const structure = literal(JSON.stringify(Object.fromEntries(names.map((name) => [name, 'VARCHAR']))));
  const good = `json_valid(line) AND json_type(line) = 'OBJECT'`;
  return `SELECT ${names.map((name) => `row[${literal(name)}] AS ${quoted(name)}`).join(', ')}, row IS NULL AS ${quoted(malformedColumn)}
    FROM (SELECT CASE WHEN ${good} THEN json_transform(line, ${structure}) END AS row
          FROM read_csv(${list(files)}, ${linesOptions}, store_rejects = true) WHERE line IS NOT NULL)`;
}

/** SQL of Parquet files. */
export function parquetTable({ files }: FoundSource): string {
  return `SELECT * FROM read_parquet(${list(files)})`;
}

async function headerOf(name: string, { path }: SourceFile, delimiter: string): Promise<string[]> {
  const line = await firstLine(path);
  if (line === undefined || line.includes('\0'))
    throw new TrainyardError('TY1403', `source ${name}: ${path} has no header line of text`);
  const fields = splitFields(line.replace(/^\uFEFF/, ''), delimiter);
  const twice = fields.find((field, i) => fields.indexOf(field) < i);
  if (twice !== undefined)
    throw new TrainyardError('TY1403', `source ${name}: ${path} has two columns named "${twice}"`);
  return fields;
}

async function firstLine(path: string): Promise<string | undefined> {
  const file = createReadStream(path);
  const bytes = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  try {
    for await (const line of createInterface({ input: bytes, crlfDelay: Infinity })) return line;
    return undefined;
  } finally {
    file.destroy();
  }
}

/** The fields of one CSV line; quotes are doubled within quotes. */
function splitFields(line: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = '';
  let inQuotes = false;
  for (const character of line) {
    if (character === '"') inQuotes = !inQuotes;
    if (character === delimiter && !inQuotes) {
      fields.push(field);
      field = '';
    } else field += character;
  }
  fields.push(field);
  return fields.map((one) => (one.startsWith('"') ? one.slice(1, -1).replaceAll('""', '"') : one.trim()));
}
