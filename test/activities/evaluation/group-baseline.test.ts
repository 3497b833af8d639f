/** The baseline of group means. @module */
import assert from 'node:assert/strict';
import { GroupBaseline } from '../../../activities/evaluation/group-baseline.js';

describe('GroupBaseline', () => {
  const late = Float64Array.of(1, 0, 1, NaN);
  const columns = { hour: Float64Array.of(6, 6, 7, 8), carrier: ['AA', 'AA', '', 'AA'], late };

  it('gives the mean of the group over all batches, and the mean of all where the group is new', () => {
    const baseline = new GroupBaseline(['hour', 'carrier']);
    baseline.add({ columns, rows: 4 }, 'late');
    baseline.add({ columns: { ...columns, late: Float64Array.of(1, 1, 0, NaN) }, rows: 4 }, 'late');
    assert.deepEqual([...baseline.predict({ columns, rows: 4 })], [0.75, 0.75, 0.5, 4 / 6]);
    assert.equal(baseline.size, 2);
    assert.equal(baseline.rows, 6);
  });

  it('is one mean for all rows without columns', () => {
    const baseline = new GroupBaseline([]);
    baseline.add({ columns, rows: 4 }, 'late');
    assert.deepEqual([...baseline.predict({ columns: {}, rows: 2 })], [2 / 3, 2 / 3]);
  });
});
