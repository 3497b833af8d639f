/** Each expectation as SQL over the view `rows`: one aggregate that all share a pass for, and a query for samples. @module */
import { TrainyardError } from '../../src/contracts/errors.js';
import { literal, quoted, textOf } from '../../src/data/duckdb.js';
import type { Expectation } from '../../src/stages/expectations.js';

/** How an expectation is measured and judged. */
export interface Check {
  /** An aggregate over `rows`. */
  readonly measure: string;
  /** How many rows, keys or classes break the expectation; and the value found, where it is one. */
  judge(measured: unknown): { readonly failing: number; readonly observed?: number | string | null };
  /** A query for what breaks it, without a limit. */
  readonly samples?: string;
}

/** Throws TY1409 for an expectation about splits of a dataset without any. */
export function checkOf(expectation: Expectation, hasSplits: boolean): Check {
  switch (expectation.expect) {
    case 'notNull':
      return eachRow(`${quoted(expectation.column)} IS NULL`);
    case 'between': {
      const column = quoted(expectation.column);
      const { min, max } = expectation;
      const outside = [
        ...(min === undefined ? [] : [`${column} < ${boundSql(min)}`]),
        ...(max === undefined ? [] : [`${column} > ${boundSql(max)}`]),
      ];
      return eachRow(outside.join(' OR ') || 'false');
    }
    case 'inSet':
      return eachRow(`${quoted(expectation.column)} NOT IN (${expectation.values.map(valueSql).join(', ')})`);
    case 'matches':
      return eachRow(`NOT regexp_full_match(${quoted(expectation.column)}, ${literal(expectation.pattern)})`);
    case 'unique':
      return unique(expectation.columns.map(quoted));
    case 'rowCount':
      return rowCount(expectation, hasSplits);
    case 'freshness':
      return freshness(expectation);
    case 'classBalance':
      return classBalance(expectation);
    case 'noSharedKeys':
      if (!hasSplits) throw noSplits('noSharedKeys');
      return noSharedKeys(expectation.columns.map(quoted));
  }
}

function eachRow(bad: string): Check {
  return {
    measure: `count(*) FILTER (WHERE ${bad})`,
    judge: (count) => ({ failing: Number(count) }),
    samples: `SELECT * FROM rows WHERE ${bad}`,
  };
}

/** Keys with a null in them are no keys, as in SQL. */
function unique(columns: readonly string[]): Check {
  const key = `(${columns.join(', ')})`;
  const known = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
  return {
    measure: `count(*) FILTER (WHERE ${known}) - count(DISTINCT ${key}) FILTER (WHERE ${known})`,
    judge: (count) => ({ failing: Number(count) }),
    samples: `SELECT ${columns.join(', ')}, count(*) AS "count" FROM rows WHERE ${known} GROUP BY ${columns.join(', ')} HAVING count(*) > 1 ORDER BY ALL`,
  };
}

function rowCount(
  { split, min = 0, max = Infinity }: Extract<Expectation, { expect: 'rowCount' }>,
  hasSplits: boolean,
): Check {
  if (split !== undefined && !hasSplits) throw noSplits('rowCount of a split');
  return {
    measure: split === undefined ? 'count(*)' : `count(*) FILTER (WHERE split = ${literal(split)})`,
    judge: (count) => ({ failing: Number(count) >= min && Number(count) <= max ? 0 : 1, observed: Number(count) }),
  };
}

function freshness({ column, asOf, maxAgeHours }: Extract<Expectation, { expect: 'freshness' }>): Check {
  return {
    measure: `epoch_ms(max(${quoted(column)}))`,
    judge: (latestMs) => {
      if (latestMs === null) return { failing: 1, observed: null };
      const ageHours = (Date.parse(asOf) - Number(latestMs)) / 3_600_000;
      return { failing: ageHours <= maxAgeHours ? 0 : 1, observed: new Date(Number(latestMs)).toISOString() };
    },
  };
}

function classBalance({ column, min }: Extract<Expectation, { expect: 'classBalance' }>): Check {
  const value = quoted(column);
  return {
    // The least class by its share of the rows that have one, and the number of classes below the limit, in the same pass.
    measure: `to_json(map_values(histogram(${value}::VARCHAR)))::VARCHAR`,
    judge: (counts) => {
      const classes = JSON.parse(textOf(counts) || '[]') as number[]; // of our own to_json
      const all = classes.reduce((sum, count) => sum + count, 0);
      const shares = classes.map((count) => count / all);
      return { failing: shares.filter((share) => share < min).length, observed: Math.min(1, ...shares) };
    },
    samples: `SELECT ${value}, count(*) AS "count" FROM rows WHERE ${value} IS NOT NULL GROUP BY ${value}
      HAVING count(*) < ${min} * (SELECT count(${value}) FROM rows) ORDER BY ALL`,
  };
}

function noSharedKeys(columns: readonly string[]): Check {
  const list = columns.join(', ');
  const known = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
  const shared = `FROM rows WHERE ${known} GROUP BY ${list} HAVING count(DISTINCT split) > 1`;
  return {
    measure: `(SELECT count(*) FROM (SELECT 1 ${shared}))`,
    judge: (count) => ({ failing: Number(count) }),
    samples: `SELECT ${list}, list_sort(list(DISTINCT split)) AS splits ${shared} ORDER BY ALL`,
  };
}

function noSplits(what: string): TrainyardError {
  return new TrainyardError('TY1409', `the dataset has no splits, which ${what} is about`);
}

function valueSql(value: string | number | boolean): string {
  return typeof value === 'string' ? literal(value) : String(value);
}

/** A text is an instant: its zone is worked out here, not by DuckDB. */
function boundSql(bound: string | number): string {
  return typeof bound === 'number' ? String(bound) : `TIMESTAMPTZ ${literal(new Date(bound).toISOString())}`;
}
