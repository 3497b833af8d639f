/** Batches as typed arrays, checked before onnxruntime sees them. @module */
import { TrainyardError } from '../contracts/errors.js';
/**
 * How many rows a batch has. The last batch of an epoch may be smaller than the others.
 * @throws TY1505 a column is missing, unknown, of another element type or of another number of rows
 * @throws TY1506 an id outside of its table: the message has column, row and value
 */
export function checkBatch(feeds, batch) {
  const unknown = Object.keys(batch).find((name) => !feeds.some((feed) => feed.name === name));
  if (unknown !== undefined) throw misfit(unknown, `is not among ${feeds.map(({ name }) => name).join(', ')}`);
  const counts = feeds.map((feed) => rowsOf(feed, batch[feed.name]));
  const [rows = 0] = counts;
  feeds.forEach(({ name }, index) => {
    if (counts[index] !== rows)
      throw misfit(name, `has ${counts[index] ?? 0} rows, ${feeds[0]?.name ?? ''} has ${rows}`);
  });
  if (rows === 0) throw new TrainyardError('TY1505', 'a batch has no rows');
  for (const feed of feeds) checkRange(feed, batch[feed.name]);
  return rows;
}
/** How many elements a row of a feed has. */
export function rowSize({ shape }) {
  return shape.slice(1).reduce((size, dim) => size * Number(dim), 1);
}
function rowsOf(feed, data) {
  if (!data) throw misfit(feed.name, 'is missing');
  const dtype = data instanceof Float32Array ? 'float32' : 'int64';
  if (dtype !== feed.dtype) throw misfit(feed.name, `must be ${feed.dtype}, not ${dtype}`);
  const rows = data.length / rowSize(feed);
  if (!Number.isInteger(rows))
    throw misfit(feed.name, `has ${data.length} elements, not a multiple of ${rowSize(feed)}`);
  return rows;
}
function checkRange(feed, data) {
  if (feed.below === undefined || !(data instanceof BigInt64Array)) return;
  const below = BigInt(feed.below);
  for (let index = 0; index < data.length; index++) {
    const id = data[index] ?? 0n;
    if (id >= 0n && id < below) continue;
    const row = Math.floor(index / rowSize(feed));
    throw new TrainyardError(
      'TY1506',
      `column ${feed.name}: id ${id} in row ${row} is outside of 0 … ${feed.below - 1}`,
    );
  }
}
function misfit(name, what) {
  return new TrainyardError('TY1505', `batch: column ${name} ${what}`);
}
//# sourceMappingURL=feeds.js.map
