/** Which split a row belongs to, in SQL: by time, or by a hash that is the same in every version. @module */
import { type Column, columnsOf, type RowSchema } from '../../src/contracts/columns.js';
import { TrainyardError } from '../../src/contracts/errors.js';
import { literal, quoted } from '../../src/data/duckdb.js';
import type { Splits } from '../../src/stages/table-source.js';

/** The number of a row's split (its index in `names`), null for a row in none. */
export interface SplitSql {
  readonly names: readonly (string | undefined)[];
  readonly sql: string;
}

/**
 * A hash split takes the first 8 bytes, little-endian, of the md5 of the key's values (UTF-8 text, each followed by U+001F, U+0000 for null;
 * instants as microseconds since 1970) as a point on a line that the weights divide. Throws TY1409 for a column that the
 * row lacks or of a type that cannot decide, and for intervals that overlap.
 */
export function splitSql(row: RowSchema, splits: Splits | undefined): SplitSql {
  if (splits === undefined) return { names: [undefined], sql: '0::UTINYINT' };
  const columns = new Map(columnsOf(row).map((column) => [column.name, column]));
  const column = (name: string): Column => {
    const found = columns.get(name);
    if (found) return found;
    throw new TrainyardError(
      'TY1409',
      `splits: the row has no column "${name}"; it has ${[...columns.keys()].join(', ')}`,
    );
  };
  if (splits.by === 'time') return timeSplit(column(splits.column), splits.boundaries);
  return hashSplit(splits.key.map(column), splits.weights);
}

type Boundaries = Extract<Splits, { by: 'time' }>['boundaries'];

function timeSplit({ name, type }: Column, boundaries: Boundaries): SplitSql {
  if (type !== 'timestamp') throw new TrainyardError('TY1409', `splits: column ${name} is no timestamp but ${type}`);
  const intervals = Object.entries(boundaries).map(([split, { from, until }]) => ({
    split,
    from: from === undefined ? -Infinity : Date.parse(from),
    until: until === undefined ? Infinity : Date.parse(until),
  }));
  const sorted = [...intervals].sort((a, b) => a.from - b.from);
  for (const [i, { split, from, until }] of sorted.entries()) {
    const next = sorted[i + 1];
    if (from >= until) throw new TrainyardError('TY1409', `splits: ${split} ends before it starts`);
    if (next && next.from < until) throw new TrainyardError('TY1409', `splits: ${split} and ${next.split} overlap`);
  }
  const instant = (ms: number) => `TIMESTAMPTZ ${literal(new Date(ms).toISOString())}`;
  const cases = intervals.map(({ from, until }, i) => {
    const after = from === -Infinity ? '' : ` AND ${quoted(name)} >= ${instant(from)}`;
    const before = until === Infinity ? '' : ` AND ${quoted(name)} < ${instant(until)}`;
    return `WHEN ${quoted(name)} IS NOT NULL${after}${before} THEN ${i}`;
  });
  return { names: intervals.map(({ split }) => split), sql: `(CASE ${cases.join(' ')} END)::UTINYINT` };
}

function hashSplit(key: readonly Column[], weights: Readonly<Record<string, number>>): SplitSql {
  const parts = key.map(({ name, type }) => {
    if (type === 'number')
      throw new TrainyardError('TY1409', `splits: the number ${name} is no key: its text may change`);
    const value = type === 'timestamp' ? `epoch_us(${quoted(name)})` : quoted(name);
    return `coalesce(${value}::VARCHAR, chr(0)) || chr(31)`;
  });
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  let upTo = 0;
  const bounds = Object.values(weights).map((weight) => {
    upTo += weight;
    // 2^53 steps are exact in a double; the last bound takes all that is left.
    return BigInt(Math.round((upTo / total) * 2 ** 53)) * 2n ** 11n;
  });
  const cases = bounds
    .slice(0, -1)
    .map((bound, i) => `WHEN md5_number_upper(${parts.join(' || ')}) < ${bound}::UHUGEINT THEN ${i}`);
  const last = bounds.length - 1;
  return { names: Object.keys(weights), sql: `(CASE ${[...cases, `WHEN true THEN ${last}`].join(' ')} END)::UTINYINT` };
}
