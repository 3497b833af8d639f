/** Batches of typed arrays from a dataset larger than memory, in an order that a seed fixes and a position resumes. @module */
import { TrainyardError } from '../contracts/errors.js';
import type { Batch, BatchOptions, BatchPosition } from './data-access.js';
import { randomPermutation } from './philox.js';
import type { ColumnValues, GroupReader } from './read-groups.js';

/** Rows of a group where nothing is shuffled: as many as a row group of the Parquet files that ingest writes. */
const unshuffledGroupRows = 122_880;

/** Purposes of the random numbers here, see `RandomAddress`. */
const orderOfGroups = 1;
const orderOfRows = 2;

/**
 * Cuts `rows` rows into batches. An epoch is a sequence of groups of `bufferRows` rows; with a shuffle the groups come in
 * random order and so do the rows within each, both a pure function of (seed, epoch, group): the batches from a position
 * are those of an unbroken read. Two groups are in memory at a time, one of them being read ahead. Throws TY1409 for a
 * position outside the dataset.
 */
export async function* batchesOf<Row>(
  rows: number,
  reader: GroupReader,
  options: BatchOptions<Row>,
): AsyncGenerator<Batch, void, void> {
  const { batchSize, columns, shuffle, startAt = { epoch: 0, group: 0, offset: 0 }, epochs = 1 } = options;
  const groupRows = shuffle?.bufferRows ?? unshuffledGroupRows;
  const groups = Math.ceil(rows / groupRows);
  assertWhole({ batchSize, bufferRows: groupRows });
  assertInside(startAt, groups, groupRows);

  const allocate = (length: number) => ({ columns: reader.allocate(length), rowNumbers: new Float64Array(length) });
  const load = async (at: BatchPosition, into: ReturnType<typeof allocate>) => {
    const group = shuffle ? (groupOrder(shuffle.seed, at.epoch, groups)[at.group] ?? 0) : at.group;
    const from = group * groupRows;
    const length = Math.min(groupRows, rows - from);
    const address = { seed: shuffle?.seed ?? 0, purpose: orderOfRows, step: at.epoch, layer: group };
    const place = shuffle ? randomPermutation(address, length) : new Uint32Array(length).map((_, i) => i);
    for (let i = 0; i < length; i++) into.rowNumbers[place[i] ?? 0] = from + i;
    await reader.read(from, place, into.columns);
    return length;
  };
  const following = ({ epoch, group }: BatchPosition): BatchPosition =>
    group + 1 < groups ? { epoch, group: group + 1, offset: 0 } : { epoch: epoch + 1, group: 0, offset: 0 };

  if (rows === 0 || startAt.epoch >= epochs) return;
  const batch = allocate(batchSize);
  let group = allocate(Math.min(groupRows, rows));
  let spare = allocate(Math.min(groupRows, rows));
  let position = startAt;
  let ahead = load(position, group);
  let filled = 0;
  try {
    while (position.epoch < epochs) {
      const length = await ahead;
      const next = following(position);
      if (next.epoch < epochs) ahead = load(next, spare);
      for (let offset = position.offset; offset < length;) {
        const count = Math.min(batchSize - filled, length - offset);
        for (const [i, column] of group.columns.entries()) copy(column, offset, count, batch.columns[i] ?? [], filled);
        batch.rowNumbers.set(group.rowNumbers.subarray(offset, offset + count), filled);
        offset += count;
        filled += count;
        const groupDone = offset === length;
        if (filled < batchSize && !(groupDone && next.epoch > position.epoch)) continue;
        const named = columns.map((name, i) => [name, first(batch.columns[i] ?? [], filled)] as const);
        yield {
          rows: filled,
          rowNumbers: batch.rowNumbers.subarray(0, filled),
          next: groupDone ? next : { ...position, offset },
          columns: Object.fromEntries(named),
        };
        filled = 0;
      }
      position = next;
      [group, spare] = [spare, group];
    }
  } finally {
    // Left early: the group read ahead must end before its database is closed.
    await ahead.catch(() => undefined);
  }
}

function groupOrder(seed: number, epoch: number, groups: number): Uint32Array {
  return randomPermutation({ seed, purpose: orderOfGroups, step: epoch }, groups);
}

function assertWhole(sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes))
    if (!Number.isSafeInteger(size) || size < 1)
      throw new TrainyardError('TY1409', `${name} must be 1 or more, got ${size}`);
}

function assertInside({ epoch, group, offset }: BatchPosition, groups: number, groupRows: number): void {
  const whole = [epoch, group, offset].every((part) => Number.isSafeInteger(part) && part >= 0);
  if (!whole || group >= Math.max(1, groups) || offset >= groupRows)
    throw new TrainyardError(
      'TY1409',
      `position (${epoch}, ${group}, ${offset}) lies outside ${groups} groups of ${groupRows} rows`,
    );
}

function copy(from: ColumnValues, offset: number, count: number, to: ColumnValues, at: number): void {
  if (!Array.isArray(from) && !Array.isArray(to)) to.set(from.subarray(offset, offset + count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[offset + i] ?? '';
}

/** The whole buffer, whose identity lasts from batch to batch, or the part of it that a last batch fills. */
function first(buffer: ColumnValues, count: number): ColumnValues {
  if (count === buffer.length) return buffer;
  return Array.isArray(buffer) ? buffer.slice(0, count) : buffer.subarray(0, count);
}
