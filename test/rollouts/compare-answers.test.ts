import assert from 'node:assert/strict';
import { compareAnswers } from '../../src/rollouts/compare-answers.js';

const compare = (trained: number | null, served: number) =>
  compareAnswers({ rows: [{}], outputs: { y: [trained] } }, () => Promise.resolve({ y: [served] }));

describe('the parity of a served model', () => {
  it('holds to 1e-5, of the output itself where that is large', async () => {
    assert.deepEqual(await compare(0.5, 0.500009), { rows: 1, maxAbsDifference: 0.500009 - 0.5 });
    assert.equal((await compare(2_000_000, 2_000_010)).maxAbsDifference, 10);
    for (const [trained, served] of [
      [0.5, 0.50002],
      [2_000_000, 2_000_030],
      [-3, 3],
      [1, NaN],
    ] as const)
      await assert.rejects(compare(trained, served), { code: 'TY1706', message: /^row 0 in json: y is / });
  });

  it('takes not a number for the missing output that JSON has in its place', async () => {
    assert.equal((await compare(null, NaN)).maxAbsDifference, 0);
    await assert.rejects(compare(null, 1), { code: 'TY1706' });
  });
});
