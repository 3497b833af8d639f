/** Statistics of a table's columns that do not depend on threads or on the order of the rows. @module */
import type { z } from 'zod';
import type { Column } from '../contracts/columns.js';
import type { ColumnStatistics } from '../contracts/manifests.js';
import { type DuckDb, quoted } from './duckdb.js';

type Statistics = z.output<typeof ColumnStatistics>;

/** Fixed point of the sums: values scaled to −1 … 1 get 61 bits. */
const unit = 2n ** 61n;

/**
 * Two passes over a table. A sum of floats depends on the order in which threads add, so that the same data would give
 * other digests: values are scaled to −1 … 1 by the range found in the first pass and added as integers, which is exact
 * and keeps 61 bits.
 */
export async function columnStatistics(
  db: DuckDb,
  table: string,
  columns: readonly Column[],
): Promise<Record<string, Statistics>> {
  const values = columns.map(numericSql);
  const first = await onlyRow(
    db,
    `SELECT ${columns
      .map(({ name }, i) => {
        const range = values[i] === undefined ? '' : `, min(${values[i]}) AS min${i}, max(${values[i]}) AS max${i}`;
        return `count(*) - count(${quoted(name)}) AS nulls${i}, count(DISTINCT ${quoted(name)}) AS distinct${i}${range}`;
      })
      .join(', ')}, count(*) AS rows FROM ${table}`,
  );
  const sums = columns.flatMap((_, i) => {
    const { centre, half } = range(first, i);
    if (values[i] === undefined || !(half > 0)) return [];
    const scaled = `((${values[i]} - ${centre}) / ${half})`;
    return [
      `sum((${scaled} * ${unit})::BIGINT)::VARCHAR AS sum${i}`,
      `sum((${scaled} * ${scaled} * ${unit})::BIGINT)::VARCHAR AS squares${i}`,
    ];
  });
  const second = sums.length === 0 ? {} : await onlyRow(db, `SELECT ${sums.join(', ')} FROM ${table}`);
  return Object.fromEntries(
    columns.map(({ name }, i) => {
      const counts = { nulls: Number(first[`nulls${i}`]), distinct: Number(first[`distinct${i}`]) };
      const known = Number(first['rows']) - counts.nulls;
      return [
        name,
        values[i] === undefined || known === 0 ? counts : { ...counts, ...moments(first, second, i, known) },
      ];
    }),
  );
}

function moments(first: Row, second: Row, i: number, count: number) {
  const { min, max, centre, half } = range(first, i);
  if (!(half > 0)) return { min, max, mean: min, std: 0 };
  const mean = scaledMean(second[`sum${i}`], count);
  const variance = Math.max(0, scaledMean(second[`squares${i}`], count) - mean * mean);
  return { min, max, mean: centre + half * mean, std: half * Math.sqrt(variance) };
}

function scaledMean(sum: unknown, count: number): number {
  return Number(BigInt(String(sum))) / Number(unit) / count;
}

/** Halved before they are added, lest the sum overflow. */
function range(row: Row, i: number) {
  const [min, max] = [Number(row[`min${i}`]), Number(row[`max${i}`])];
  return { min, max, centre: min / 2 + max / 2, half: max / 2 - min / 2 };
}

function numericSql({ name, type }: Column): string | undefined {
  if (type === 'timestamp') return `epoch(${quoted(name)})`;
  return type === 'number' || type === 'integer' ? `${quoted(name)}::DOUBLE` : undefined;
}

type Row = Readonly<Record<string, unknown>>;

async function onlyRow(db: DuckDb, sql: string): Promise<Row> {
  return (await db.rows(sql))[0] ?? {};
}
