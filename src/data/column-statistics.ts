/** Statistics of a table's columns that do not depend on threads or on the order of the rows. @module */
import type { z } from 'zod';
import type { Column } from '../contracts/columns.js';
import type { ColumnStatistics } from '../contracts/manifests.js';
import { type DuckDb, quoted } from './duckdb.js';

type Statistics = z.output<typeof ColumnStatistics>;

/** A column's values on a scale of whole numbers from 0: value = `min` + `unit` × number. */
interface Scale {
  readonly min: number;
  readonly max: number;
  readonly unit: number;
  /** The number of a value in SQL, a BIGINT of at most 61 bits. */
  readonly sql: string;
  /** Bits to drop before squaring, so that a square is a BIGINT too. */
  readonly shift: number;
}

/**
 * Statistics of the rows of Parquet files. A sum of floats depends on the order in which threads add, so that the same
 * data would give other digests: values are put on a scale of whole numbers by their range and added exactly. Means are
 * exact for integers and instants, and to 61 bits of the range for numbers; a deviation drops bits to 31, which moves it
 * by less than 1e-11 of itself up to 1e8 rows, since the range that is scaled by is itself attained.
 */
export async function columnStatistics(
  db: DuckDb,
  table: string,
  columns: readonly Column[],
): Promise<Record<string, Statistics>> {
  // Counts and ranges alone are read from the files' metadata; a distinct count beside them would scan for all.
  const ranges = await onlyRow(db, select(columns.map(rangeSql), table));
  const scales = columns.map((column, i) => scaleOf(column, ranges[`min${i}`], ranges[`max${i}`]));
  const totals = await onlyRow(
    db,
    select(
      columns.flatMap(({ name }, i) => {
        const scale = scales[i];
        return [`count(DISTINCT ${quoted(name)}) AS d${i}`, ...(scale === undefined ? [] : [sumsSql(scale, i)])];
      }),
      table,
    ),
  );
  return Object.fromEntries(
    columns.map(({ name }, i) => {
      const known = Number(ranges[`known${i}`]);
      const counts = { nulls: Number(ranges['rows']) - known, distinct: Number(totals[`d${i}`]) };
      const scale = scales[i];
      return [name, scale === undefined ? counts : { ...counts, ...moments(scale, totals, i, known) }];
    }),
  );
}

function rangeSql({ name, type }: Column, i: number): string {
  const column = quoted(name);
  const known = `count(${column}) AS known${i}`;
  if (type === 'string' || type === 'boolean') return known;
  const number = (value: string) => (type === 'timestamp' ? `epoch_us(${value})` : `${value}::DOUBLE`);
  return `${known}, ${number(`min(${column})`)} AS min${i}, ${number(`max(${column})`)} AS max${i}`;
}

/** Undefined for a column without numbers, by its type or because all are null. */
function scaleOf({ name, type }: Column, least: unknown, greatest: unknown): Scale | undefined {
  if (typeof least !== 'number' || typeof greatest !== 'number') return undefined;
  const column = quoted(name);
  if (type === 'number') {
    // Halved, lest the range overflow.
    const half = greatest / 2 - least / 2;
    const scaled = half > 0 ? `((${column} / 2 - ${least / 2}) / ${half} * ${2 ** 61})::BIGINT` : '0::BIGINT';
    return { min: least, max: greatest, unit: half * 2 ** -60, sql: scaled, shift: 30 };
  }
  const shift = Math.max(0, Math.ceil(Math.log2(greatest - least + 1)) - 31);
  if (type === 'integer') return { min: least, max: greatest, unit: 1, sql: `(${column} - ${least})`, shift };
  const sql = `(epoch_us(${column}) - ${least})`;
  return { min: least / 1e6, max: greatest / 1e6, unit: 1e-6, sql, shift };
}

function sumsSql({ sql, shift }: Scale, i: number): string {
  const short = shift === 0 ? sql : `(${sql} >> ${shift})`;
  return `sum(${sql})::VARCHAR AS a${i}, sum(${short})::VARCHAR AS b${i}, sum(${short} * ${short})::VARCHAR AS c${i}`;
}

function moments({ min, max, unit, shift }: Scale, totals: Row, i: number, known: number) {
  const [all, short, squares] = ['a', 'b', 'c'].map((sum) => BigInt(String(totals[`${sum}${i}`])));
  if (all === undefined || short === undefined || squares === undefined)
    throw new TypeError('three sums were asked for');
  const count = BigInt(known);
  // n Σx² − (Σx)², exact: nothing cancels.
  const spread = Math.sqrt(Number(count * squares - short * short)) / known;
  return { min, max, mean: min + (unit * Number(all)) / known, std: unit * 2 ** shift * spread };
}

function select(list: readonly string[], table: string): string {
  return `SELECT ${list.join(', ')}, count(*) AS rows FROM ${table}`;
}

type Row = Readonly<Record<string, unknown>>;

async function onlyRow(db: DuckDb, sql: string): Promise<Row> {
  return (await db.rows(sql))[0] ?? {};
}
