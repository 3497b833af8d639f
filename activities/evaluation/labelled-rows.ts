/** Picks rows out of arrays: those that have a label, or those of a slice. @module */

/** Indices of the rows whose label is known (not NaN), out of `among` or of all. */
export function labelledRows(labels: Float64Array, among?: Int32Array): Int32Array {
  const known = (row: number) => !Number.isNaN(labels[row]);
  if (among) return among.filter(known);
  const rows = new Int32Array(labels.length);
  let size = 0;
  for (let row = 0; row < labels.length; row++) if (known(row)) rows[size++] = row;
  return rows.subarray(0, size);
}

/** The values at these rows. A loop: `Float64Array.from` with a function takes ten times as long. */
export function pick(values: Float64Array, rows: Int32Array): Float64Array {
  const picked = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) picked[i] = values[rows[i] ?? 0] ?? NaN;
  return picked;
}
