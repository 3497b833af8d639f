/** Cuts rows into slices: the values of a column, or ranges of them where there are many. @module */
import type { Column } from '../../src/contracts/columns.js';
import { quantileEdges } from '../../src/statistics/binning.js';
import type { KeptValues } from './kept-column.js';

/** Some of the rows, by index. */
export interface Slice {
  readonly value: string;
  readonly rows: Int32Array;
}

/** A number with more distinct values than this is cut into four ranges that hold about as many rows each. */
const distinctNumbers = 25;

/** Slices kept of each column. */
const slicesPerColumn = 100;

/**
 * The slices of a column, the largest first; missing values are a slice too.
 * @returns the hundred largest, and how many others there are.
 */
export function slicesOf(
  type: Column['type'],
  kept: KeptValues,
): { readonly slices: Slice[]; readonly leftOut: number } {
  const nameOf = kept.kind === 'texts' ? textName(kept) : numberName(type, kept.values);
  const length = kept.kind === 'texts' ? kept.codes.length : kept.values.length;
  const groups = new Map<string, number[]>();
  for (let row = 0; row < length; row++) {
    const name = nameOf(row);
    const rows = groups.get(name);
    if (rows) rows.push(row);
    else groups.set(name, [row]);
  }
  const slices = [...groups].map(([value, rows]) => ({ value, rows: Int32Array.from(rows) }));
  slices.sort((a, b) => b.rows.length - a.rows.length || (a.value < b.value ? -1 : 1));
  return { slices: slices.slice(0, slicesPerColumn), leftOut: Math.max(0, slices.length - slicesPerColumn) };
}

function textName({ codes, words }: Extract<KeptValues, { kind: 'texts' }>): (row: number) => string {
  const names = words.map((word) => (word === '' ? 'missing' : word));
  return (row) => names[codes[row] ?? 0] ?? '';
}

function numberName(type: Column['type'], values: Float64Array): (row: number) => string {
  const shown = (value: number) => {
    if (Number.isNaN(value)) return 'missing';
    if (type === 'boolean') return value === 1 ? 'true' : 'false';
    return type === 'timestamp' ? new Date(value * 1000).toISOString() : String(value);
  };
  const known = values.filter(Number.isFinite);
  if (!hasMoreThan(distinctNumbers, known)) {
    const names = new Map([...new Set(values)].map((value) => [value, shown(value)]));
    return (row) => names.get(values[row] ?? NaN) ?? 'missing';
  }
  const edges = [...quantileEdges(known, { bins: 4 })];
  const ranges = [...edges, Infinity].map((upper, i) => {
    const lower = edges[i - 1];
    if (lower === undefined) return `≤ ${shown(upper)}`;
    return upper === Infinity ? `> ${shown(lower)}` : `> ${shown(lower)}, ≤ ${shown(upper)}`;
  });
  return (row) => {
    const value = values[row] ?? NaN;
    if (Number.isNaN(value)) return 'missing';
    const bin = edges.findIndex((edge) => value <= edge);
    return ranges.at(bin) ?? ''; // -1, above every edge, is the last range
  };
}

function hasMoreThan(limit: number, values: Float64Array): boolean {
  const seen = new Set<number>();
  for (const value of values) if (seen.add(value).size > limit) return true;
  return false;
}
