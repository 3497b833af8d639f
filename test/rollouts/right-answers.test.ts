/** Answers beside their labels: probabilities, classes, vectors, quantities. @module */
import assert from 'node:assert/strict';
import { meaningOf, rightness, type AnsweredRow } from '../../src/rollouts/right-answers.js';

const nothing = { hits: 0, size: 0 };
const rowsOf = (pairs: readonly (readonly [AnsweredRow['outputs'], AnsweredRow['label']])[]): AnsweredRow[] =>
  pairs.map(([outputs, label]) => ({ outputs, label }));

describe('right answers', () => {
  it('of two classes are told by the half of a probability', () => {
    const rows = rowsOf([
      [{ late: 0.7 }, 1],
      [{ late: 0.7 }, false],
      [{ late: null }, 1],
      [{ late: 0.2 }, 0],
    ]);
    assert.equal(meaningOf(rows, undefined), 'probability');
    assert.deepEqual(rightness(rows, 'probability'), { right: { hits: 2, size: 3 }, offBy: [] });
  });

  it('of many classes are told by the largest part of a vector, or by the class itself', () => {
    const vectors = rowsOf([
      [{ p_0: 0.2, p_1: 0.1, p_2: 0.7 }, 2],
      [{ p_0: 0.5, p_1: 0.4, p_2: 0.1 }, 1],
    ]);
    assert.deepEqual(rightness(vectors, meaningOf(vectors, undefined)).right, { hits: 1, size: 2 });
    const classes = rowsOf([
      [{ digit: 7 }, 7],
      [{ digit: 1 }, 7],
      [{ digit: 1 }, 'seven'],
    ]);
    assert.deepEqual(rightness(classes, meaningOf(classes, 'class')).right, { hits: 1, size: 2 });
  });

  it('of quantities are told by how far off they are', () => {
    const rows = rowsOf([
      [{ minutes: 4 }, 1],
      [{ minutes: 10 }, 12.5],
    ]);
    assert.deepEqual(rightness(rows, meaningOf(rows, undefined)), { right: nothing, offBy: [3, 2.5] });
  });
});
