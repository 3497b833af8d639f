/** Fairness by group against fairlearn's. @module */

import assert from 'node:assert/strict';
import { countByGroup, demographicParity, equalizedOdds, selectionOf } from '../../src/statistics/fairness.js';
import { fairnessCases } from './decision-fixtures.js';
import { assertClose } from './fixture.js';

describe('fairness by group', () => {
  for (const { made, groups, labels, predicted, byGroup, ...expected } of fairnessCases().cases) {
    it(`agrees with fairlearn: ${made}`, () => {
      const counts = countByGroup(groups, labels, predicted);
      const parity = demographicParity(counts.map(selectionOf));
      assertClose(parity.difference, expected.parityDifference, 'demographic parity difference');
      assertClose(parity.ratio, expected.parityRatio, 'demographic parity ratio');
      assert.equal(parity.fourFifths, expected.parityRatio >= 0.8);
      const odds = equalizedOdds(counts);
      assertClose(odds.difference, expected.oddsDifference, 'equalised odds difference');
      assertClose(odds.ratio, expected.oddsRatio, 'equalised odds ratio');
      assertClose(odds.truePositiveRate.difference, expected.opportunityDifference, 'equal opportunity difference');
      assert.equal(parity.groups.length, byGroup.length);
      byGroup.forEach(([group, rows, selectionRate, truePositiveRate, falsePositiveRate], i) => {
        assert.equal(parity.groups[i]!.group, group);
        assert.equal(parity.groups[i]!.rows, rows);
        assertClose(parity.groups[i]!.selectionRate, selectionRate, `${group}: selection rate`);
        assertClose(odds.groups[i]!.truePositiveRate, truePositiveRate, `${group}: true positive rate`);
        assertClose(odds.groups[i]!.falsePositiveRate, falsePositiveRate, `${group}: false positive rate`);
      });
    });
  }

  it('does not compare a group without rows, or without the labels that a rate needs', () => {
    const parity = demographicParity([
      { group: 'a', rows: 10, selected: 5 },
      { group: 'b', rows: 0, selected: 0 },
      { group: 'c', rows: 20, selected: 8 },
    ]);
    assert.equal(parity.groups[1]!.selectionRate, undefined);
    assert.equal(parity.ratio, 0.8);
    const none = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
    const odds = equalizedOdds([
      { ...none, group: 'a', truePositives: 1, trueNegatives: 1 },
      { ...none, group: 'b', falsePositives: 1, trueNegatives: 3 },
    ]);
    assert.deepEqual(odds.truePositiveRate, { difference: undefined, ratio: undefined });
    assert.equal(odds.difference, 0.25);
  });

  it('says nothing where there is nothing to compare', () => {
    const alone = demographicParity([{ group: 'a', rows: 10, selected: 5 }]);
    assert.deepEqual([alone.difference, alone.ratio, alone.fourFifths], [undefined, undefined, undefined]);
    const unselected = demographicParity(['a', 'b'].map((group) => ({ group, rows: 10, selected: 0 })));
    assert.deepEqual([unselected.difference, unselected.ratio, unselected.fourFifths], [0, undefined, undefined]);
    assert.equal(equalizedOdds([]).difference, undefined);
  });

  it('passes the four-fifths rule at exactly four fifths', () => {
    const rule = (first: number, second: number) =>
      demographicParity([
        { group: 'a', rows: 10, selected: first },
        { group: 'b', rows: 30, selected: second },
      ]).fourFifths;
    assert.equal(rule(7, 21), true);
    assert.equal(rule(5, 12), true);
    assert.equal(rule(5, 11), false);
  });

  it('refuses counts that cannot be', () => {
    assert.throws(
      () => demographicParity([{ group: 'a', rows: 1, selected: 2 }]),
      /group 'a': selected must be at most 1/,
    );
    assert.throws(() => demographicParity([{ group: 'a', rows: 0.5, selected: 0 }]), /group 'a': rows must be a whole/);
    assert.throws(
      () => demographicParity(['a', 'a'].map((group) => ({ group, rows: 1, selected: 1 }))),
      /group 'a' is given twice: add its counts up first/,
    );
    assert.throws(
      () => countByGroup(['a'], [0, 1], [0, 1]),
      /groups and labels must have the same length, got 1 and 2/,
    );
    assert.throws(() => countByGroup([], [], []), /labels must hold at least 1 value, got 0/);
    assert.throws(() => countByGroup(['a'], [0], [2]), /predicted\[0\] must be a class from 0 to 1, got 2/);
  });
});
