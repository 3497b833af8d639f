/** Picks rows out of arrays: those that have a label, or those of a slice. @module */

/** Indices of the rows whose label is known (not NaN), out of `among` or of all. */
export function labelledRows(labels: Float64Array, among?: Int32Array): Int32Array {
  const rows = among ?? Int32Array.from(labels.keys());
  return rows.filter((row) => !Number.isNaN(labels[row]));
}

/** The values at these rows. */
export function pick(values: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row] ?? NaN);
}
