/** How the columns of any table become those of a row schema: casts in SQL, and which rows do not fit. @module */
import { z } from 'zod';
import { type Column, columnsOf, type RowSchema } from '../contracts/columns.js';
import { TrainyardError } from '../contracts/errors.js';
import { literal, quoted } from './duckdb.js';

/** One column of the row. */
export interface FittedColumn {
  readonly name: string;
  /** The table's own value, as text. */
  readonly rawSql: string;
  /** The value in the column's type; null where it does not parse. */
  readonly sql: string;
  /** What `badSql` knows that value by: computed in an inner SELECT, it is computed once. */
  readonly value: string;
  /** True for a value that the column does not take, false or null for any other; undefined where every value fits. */
  readonly badSql: string | undefined;
  /** What a value that is not null should have been: `an integer`. */
  readonly expected: string;
}

/** SQL types of columns: an instant is stored in UTC with microseconds. */
const sqlTypes = {
  string: 'VARCHAR',
  number: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMPTZ',
};
const expectations = {
  string: 'a text',
  number: 'a finite number',
  integer: 'an integer',
  boolean: 'true or false',
  timestamp: 'an ISO 8601 instant',
};

/**
 * Fits a table's columns (name → DuckDB type) to a row schema. Nothing is guessed: 3.7 is no integer, 5 is no boolean, a
 * number is no instant; NaN is a missing number, an instant without offset is UTC. The schema's enums, constants, bounds
 * and lengths hold for each value; its patterns are left to `validate`. A column that may be null can be missing.
 * Throws TY1405 for a missing column and for a type that never fits.
 */
export function fitRows(row: RowSchema, types: ReadonlyMap<string, string>, where: string): FittedColumn[] {
  const properties = z.toJSONSchema(row, { io: 'output', unrepresentable: 'any' }).properties ?? {};
  return columnsOf(row).map((column) => {
    const type = types.get(column.name);
    if (type === undefined && !column.nullable)
      throw new TrainyardError(
        'TY1405',
        `${where} lacks the column ${column.name}; it has ${[...types.keys()].join(', ')}`,
      );
    if (type === undefined) return missingColumn(column);
    return fitColumn(column, properties[column.name], type, where);
  });
}

function missingColumn({ name, type }: Column): FittedColumn {
  const sql = `NULL::${sqlTypes[type]}`;
  return {
    name,
    rawSql: 'NULL::VARCHAR',
    sql,
    value: valueName(name),
    badSql: undefined,
    expected: expectations[type],
  };
}

/** Fits one column of the DuckDB type `type`; `schema` is that of its values, where there is one beside the column's type. */
export function fitColumn(
  column: Column,
  schema: z.core.JSONSchema._JSONSchema | undefined,
  type: string,
  where: string,
): FittedColumn {
  const raw = quoted(column.name);
  const cast = castSql(column.type, raw, type);
  if (cast === undefined)
    throw new TrainyardError(
      'TY1405',
      `${where}: column ${column.name} is ${type}, which is not ${expectations[column.type]}`,
    );
  const value = valueName(column.name);
  const allowed = allowedSql(value, schema, expectations[column.type]);
  const unparsed = cast.total
    ? undefined
    : `(${raw} IS NOT NULL AND ${value} IS NULL${cast.nan ? ` AND NOT isnan(TRY_CAST(${raw} AS DOUBLE))` : ''})`;
  const bad = [column.nullable ? unparsed : `${value} IS NULL`, allowed && `NOT (${allowed.sql})`];
  return {
    name: column.name,
    rawSql: `${raw}::VARCHAR`,
    sql: cast.sql,
    value,
    badSql: bad.filter((sql) => sql !== undefined).join(' OR ') || undefined,
    expected: allowed?.expected ?? expectations[column.type],
  };
}

function valueName(column: string): string {
  return quoted(`trainyard ${column}`);
}

/** `total`: every value that is not null has a result that is not null; `nan`: but for NaN, which is no error. */
interface Cast {
  readonly sql: string;
  readonly total: boolean;
  readonly nan?: boolean;
}

/** What a DuckDB type holds; undefined for lists, structs, blobs and the like. */
function kindOf(type: string): 'text' | 'integer' | 'fraction' | 'boolean' | 'instant' | undefined {
  if (/^(VARCHAR|UUID|ENUM\(.*\))$/s.test(type)) return 'text';
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type)) return 'integer';
  if (/^(FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type)) return 'fraction';
  if (/^(DATE|TIMESTAMP.*)$/.test(type)) return 'instant';
  return type === 'BOOLEAN' ? 'boolean' : undefined;
}

function castSql(to: Column['type'], raw: string, from: string): Cast | undefined {
  const kind = kindOf(from);
  const tried = `TRY_CAST(${raw} AS ${sqlTypes[to]})`;
  const total = { sql: `${raw}::${sqlTypes[to]}`, total: true };
  if (kind === undefined) return undefined;
  switch (to) {
    case 'string':
      return total;
    case 'number':
      if (kind === 'instant') return undefined;
      if (kind === 'integer' || kind === 'boolean') return total;
      return { sql: `CASE WHEN isfinite(${tried}) THEN ${tried} END`, total: false, nan: true };
    case 'integer':
      if (kind === 'instant') return undefined;
      if (kind === 'boolean' || from === sqlTypes[to]) return total;
      if (kind === 'integer') return { sql: tried, total: false };
      // DuckDB rounds 3.7 and '3.7' to 4. The comparison costs half of looking for a point in the text.
      return { sql: `CASE WHEN TRY_CAST(${raw} AS DOUBLE) = ${tried} THEN ${tried} END`, total: false };
    case 'boolean':
      if (kind === 'instant') return undefined;
      if (kind === 'boolean') return total;
      return { sql: kind === 'text' ? tried : `CASE ${raw} WHEN 0 THEN false WHEN 1 THEN true END`, total: false };
    case 'timestamp':
      if (from === 'TIMESTAMP WITH TIME ZONE') return { sql: raw, total: true };
      if (kind === 'instant') return { sql: utc(`${raw}::TIMESTAMP`), total: false };
      return kind === 'text' ? { sql: instantOfText(raw), total: false } : undefined;
  }
}

/** DuckDB's cast to TIMESTAMPTZ asks ICU for a calendar at every row, which takes twelve times as long. Infinity gives null. */
function utc(timestamp: string): string {
  return `make_timestamptz(epoch_us(${timestamp}))`;
}

/**
 * A text without an offset is UTC and must not reach the cast to TIMESTAMPTZ, which may give it the zone of the row before
 * (DuckDB 1.5.6); one with an offset must, since the cast to TIMESTAMP ignores it. The common form is told by its length
 * and its first colon, after which there is no room for seconds and an offset: this costs nothing, the pattern as much as
 * the cast.
 */
function instantOfText(text: string): string {
  const inUtc = utc(`TRY_CAST(${text} AS TIMESTAMP)`);
  return `CASE WHEN strlen(${text}) = 19 AND strpos(${text}, ':') = 14 THEN ${inUtc}
    WHEN strlen(${text}) = 10 OR suffix(${text}, 'Z') OR NOT regexp_matches(${text}, '[+-]\\d\\d(:?\\d\\d)?$') THEN ${inUtc}
    ELSE TRY_CAST(${text} AS TIMESTAMPTZ) END`;
}

interface Allowed {
  readonly sql: string;
  readonly expected: string;
}

/** The schema's own limits on a value as a condition. */
function allowedSql(
  value: string,
  schema: z.core.JSONSchema._JSONSchema | undefined,
  expectation: string,
): Allowed | undefined {
  if (typeof schema !== 'object') return undefined;
  const alternatives = (schema.anyOf ?? schema.oneOf)?.filter((one) => typeof one !== 'object' || one.type !== 'null');
  if (alternatives) {
    const allowed = alternatives.map((one) => allowedSql(value, one, expectation));
    const known = allowed.filter((one) => one !== undefined);
    if (known.length < allowed.length) return undefined;
    return {
      sql: known.map(({ sql }) => `(${sql})`).join(' OR '),
      expected: known.map((one) => one.expected).join(' or '),
    };
  }
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (values) {
    const known = values.filter((one) => one !== null);
    const list = known.map((one) => (typeof one === 'string' ? literal(one) : String(one))).join(', ');
    return { sql: `${value} IN (${list})`, expected: `one of ${known.join(', ')}` };
  }
  const limits = (
    [
      [value, '>=', schema.minimum, ''],
      [value, '<=', schema.maximum, ''],
      [value, '>', schema.exclusiveMinimum, ''],
      [value, '<', schema.exclusiveMaximum, ''],
      [`length(${value})`, '>=', schema.minLength, ' characters'],
      [`length(${value})`, '<=', schema.maxLength, ' characters'],
    ] as const
  ).filter(([, , limit]) => limit !== undefined);
  if (limits.length === 0) return undefined;
  // Every z.int() has these bounds: nobody wrote them.
  const stated = limits.filter(([, , limit]) => Math.abs(Number(limit)) !== Number.MAX_SAFE_INTEGER);
  return {
    sql: limits.map(([what, operator, limit]) => `${what} ${operator} ${limit}`).join(' AND '),
    expected: [expectation, ...stated.map(([, operator, limit, unit]) => `${operator} ${limit}${unit}`)].join(' '),
  };
}
