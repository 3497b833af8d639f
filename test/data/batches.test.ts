import fc from 'fast-check';
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileStore } from '../../src/artifacts/file-store.js';
import type { Column } from '../../src/contracts/columns.js';
import type { DatasetRef } from '../../src/contracts/refs.js';
import { createDataAccess } from '../../src/data/create-data-access.js';
import type { BatchOptions, BatchPosition, DataAccess } from '../../src/data/data-access.js';
import { makeDataset } from './make-dataset.js';

interface Row {
  readonly id: number;
  readonly score: number | null;
  readonly city: string | null;
  readonly late: boolean | null;
  readonly at: string | null;
}

const columns: readonly Column[] = [
  { name: 'id', type: 'integer', nullable: false },
  { name: 'score', type: 'number', nullable: true },
  { name: 'city', type: 'string', nullable: true },
  { name: 'late', type: 'boolean', nullable: true },
  { name: 'at', type: 'timestamp', nullable: true },
];

/** Rows from … until − 1; every fifth has nulls. */
const select = (from: number, until: number) => `
  SELECT i AS id,
    CASE WHEN i % 5 > 0 THEN i / 2 END AS score,
    CASE WHEN i % 5 > 0 THEN 'city ' || (i % 7) END AS city,
    CASE WHEN i % 5 > 0 THEN i % 2 = 0 END AS late,
    CASE WHEN i % 5 > 0 THEN to_timestamp(1357000000 + i) END AS at
  FROM range(${from}, ${until}) t(i)`;

describe('data.batches', () => {
  let folder: string;
  let data: DataAccess;
  let ref: DatasetRef<Row>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trainyard-batches-'));
    const store = await openFileStore(folder);
    data = createDataAccess(store, { scratch: folder });
    ref = await makeDataset<Row>(store, columns, [
      { split: 'train', select: select(0, 700) },
      { split: 'test', select: select(700, 1000) },
    ]);
  });
  after(() => rm(folder, { recursive: true }));

  /** The ids of every batch; batches are copied, since they last only until the next. */
  async function ids(options: Omit<BatchOptions<Row>, 'columns'>): Promise<{ ids: number[]; next: BatchPosition }[]> {
    const all = [];
    for await (const batch of data.batches(ref, { ...options, columns: ['id'] })) {
      assert.equal(batch.columns['id']?.length, batch.rows);
      all.push({ ids: [...(batch.columns['id'] ?? [])].map(Number), next: batch.next });
    }
    return all;
  }

  it("gives the dataset's own order, with a smaller last batch", async () => {
    const batches = await ids({ batchSize: 300 });
    assert.deepEqual(
      batches.map((batch) => batch.ids.length),
      [300, 300, 300, 100],
    );
    assert.deepEqual(
      batches.flatMap((batch) => batch.ids),
      [...Array(1000).keys()],
    );
  });

  it('tells where each row stands in the split, whatever the shuffle', async () => {
    const shuffle = { seed: 5, bufferRows: 128 };
    for await (const batch of data.batches(ref, { columns: ['id'], batchSize: 90, shuffle, split: 'test' }))
      assert.deepEqual(
        [...batch.rowNumbers],
        [...(batch.columns['id'] ?? [])].map((id) => Number(id) - 700),
      );
  });

  it('gives one split when asked', async () => {
    const batches = await ids({ batchSize: 1000, split: 'test' });
    assert.deepEqual(
      batches.flatMap((batch) => batch.ids),
      [...Array(300).keys()].map((i) => i + 700),
    );
  });

  it('crosses every type: NaN for a missing number, an empty text for a missing string, instants as epoch seconds', async () => {
    const names = ['id', 'score', 'city', 'late', 'at'] as const;
    for await (const batch of data.batches(ref, {
      columns: names,
      batchSize: 1000,
      shuffle: { seed: 1, bufferRows: 400 },
    })) {
      const { id = [], score = [], city = [], late = [], at = [] } = batch.columns;
      assert.ok(id instanceof Float64Array && at instanceof Float64Array && Array.isArray(city));
      assert.ok(score instanceof Float32Array && late instanceof Float32Array);
      for (let row = 0; row < batch.rows; row++) {
        const i: number = id[row]!;
        const known = i % 5 > 0;
        assert.equal(score[row], known ? i / 2 : NaN);
        assert.equal(city[row], known ? `city ${i % 7}` : '');
        assert.equal(late[row], known ? Number(i % 2 === 0) : NaN);
        assert.equal(at[row], known ? 1357000000 + i : NaN);
      }
    }
  });

  it('shuffles rows within groups and the groups among each other, each epoch anew, every row once', async () => {
    const options = { batchSize: 100, shuffle: { seed: 3, bufferRows: 250 } };
    const two = (await ids({ ...options, epochs: 2 })).flatMap((batch) => batch.ids);
    const [first, second] = [two.slice(0, 1000), two.slice(1000)];
    assert.notDeepEqual(first, second);
    for (const epoch of [first, second])
      assert.deepEqual(
        [...epoch].sort((a, b) => a - b),
        [...Array(1000).keys()],
      );
    const groups = [0, 1, 2, 3].map(
      (i) => new Set(first.slice(i * 250, i * 250 + 250).map((id) => Math.floor(id / 250))),
    );
    assert.deepEqual(
      groups.map((group) => group.size),
      [1, 1, 1, 1],
    );
    assert.deepEqual(
      (await ids({ ...options, epochs: 2 })).flatMap((batch) => batch.ids),
      two,
    );
    assert.notDeepEqual(
      (await ids({ ...options, shuffle: { seed: 4, bufferRows: 250 } })).flatMap((batch) => batch.ids),
      first,
    );
  });

  it('gives from any position the batches of an unbroken read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 400 }),
        fc.option(fc.record({ seed: fc.nat(), bufferRows: fc.integer({ min: 50, max: 1200 }) }), { nil: undefined }),
        fc.nat(),
        async (batchSize, shuffle, at) => {
          const options = { batchSize, shuffle, epochs: 3 };
          const unbroken = await ids(options);
          const stop = at % unbroken.length;
          const resumed = await ids({ ...options, startAt: unbroken[stop]!.next });
          assert.deepEqual(resumed, unbroken.slice(stop + 1));
        },
      ),
      { numRuns: 15, seed: 1 },
    );
  });

  it('reads ahead of a reader that stops early without leaving anything behind', async () => {
    for await (const batch of data.batches(ref, {
      columns: ['id'],
      batchSize: 10,
      shuffle: { seed: 1, bufferRows: 100 },
    })) {
      assert.equal(batch.rows, 10);
      break;
    }
  });

  it('refuses a column, a split, a size and a position that the dataset does not have', async () => {
    const refused = { code: 'TY1409' };
    await assert.rejects(ids({ batchSize: 10, split: 'none' }), refused);
    await assert.rejects(ids({ batchSize: 0 }), refused);
    await assert.rejects(ids({ batchSize: 10, startAt: { epoch: 0, group: 9, offset: 0 } }), refused);
    const unknown = { columns: ['nothing' as 'id'], batchSize: 10 };
    await assert.rejects(data.batches(ref, unknown)[Symbol.asyncIterator]().next(), refused);
  });
});
