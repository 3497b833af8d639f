/** A sample of a table read in batches. @module */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RowSample } from '../../../activities/evaluation/sample-rows.js';

/** Row numbers that a sample takes of batches of `batchRows` rows. */
function sampled(total: number, limit: number, batchRows: number): number[] {
  const sample = new RowSample(total, limit);
  const taken: number[] = [];
  for (let from = 0; from < total; from += batchRows) {
    const rows = Math.min(batchRows, total - from);
    const row = Float64Array.from({ length: rows }, (_, i) => from + i);
    const name = Array.from(row, String);
    const { columns, rows: kept } = sample.take({ columns: { row, name }, rows });
    assert.deepEqual([...(columns['row'] ?? [])].map(String), columns['name']);
    assert.equal(columns['row']?.length, kept);
    taken.push(...Array.from(columns['row'], Number));
  }
  return taken;
}

describe('RowSample', () => {
  it('takes one row of each of equal spans, the same whatever the batches', () => {
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 90 }),
    );
    fc.assert(
      fc.property(sizes, ([total, limit, batchRows]) => {
        const taken = sampled(total, limit, batchRows);
        assert.equal(taken.length, Math.min(total, limit));
        assert.deepEqual(taken, sampled(total, limit, total));
        if (total > limit)
          for (const [i, row] of taken.entries()) {
            assert.ok(
              row >= Math.floor((i / limit) * total) && row < Math.floor(((i + 1) / limit) * total),
              `row ${row}`,
            );
          }
      }),
    );
  });

  it('takes every row of a table within the limit', () => {
    assert.deepEqual(sampled(5, 5, 2), [0, 1, 2, 3, 4]);
  });
});
