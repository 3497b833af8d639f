/** The questions of a look, on made-up counts. @module */
import assert from 'node:assert/strict';
import { defaultLimits as limits } from '../../src/contracts/rollouts.js';
import { count, durationBins, type Histogram, outputBins } from '../../src/records/histograms.js';
import { type Seen, testsOfLook } from '../../src/rollouts/tests-of-look.js';

const histogram = (values: readonly number[], binOf: (value: number) => number): Histogram => {
  const counts: Histogram = {};
  for (const value of values) count(counts, binOf(value));
  return counts;
};
const spread = (from: number, to: number) => Array.from({ length: 200 }, (_, at) => from + ((to - from) * at) / 200);

const seen = (more: Partial<Seen> = {}): Seen => ({
  requests: 200,
  errors: 2,
  latency: histogram(spread(1, 5), durationBins.binOf),
  execution: histogram(spread(1, 5), durationBins.binOf),
  outputs: { late: histogram(spread(0, 1), outputBins.binOf) },
  right: { hits: 160, size: 200 },
  offBy: [],
  ...more,
});
const worse = (after: Seen, look: { seen?: number; seenBefore?: number; listens?: boolean; isFull?: boolean } = {}) =>
  testsOfLook(seen(), after, { limits, seen: 1, seenBefore: 0, listens: false, isFull: false, ...look })
    .filter((test) => test.worse)
    .map(({ about }) => about);

describe('the questions of a look', () => {
  it('find nothing where both revisions are alike, or the new one is better', () => {
    assert.deepEqual(worse(seen()), []);
    const latency = histogram(spread(0.5, 1), durationBins.binOf);
    assert.deepEqual(worse(seen({ errors: 0, latency, right: { hits: 200, size: 200 } })), []);
  });

  it('find each way in which a revision is worse', () => {
    assert.deepEqual(worse(seen({ errors: 20 })), ['errors']);
    assert.deepEqual(worse(seen({ latency: histogram(spread(3, 9), durationBins.binOf) })), ['latency']);
    assert.deepEqual(worse(seen({ outputs: { late: histogram(spread(0.6, 1), outputBins.binOf) } })), ['answers']);
    assert.deepEqual(worse(seen({ right: { hits: 120, size: 200 } })), ['accuracy']);
  });

  it('find quantities that are farther off, and pass over those that are as far', () => {
    const right = { hits: 0, size: 0 };
    const found = (offBy: number[]) =>
      testsOfLook(seen({ right, offBy: spread(0, 2) }), seen({ right, offBy }), {
        limits,
        seen: 1,
        seenBefore: 0,
        listens: false,
        isFull: false,
      }).find(({ about }) => about === 'accuracy');
    assert.deepEqual([found(spread(0, 3))?.worse, found(spread(0, 2))?.worse], [true, false]);
    assert.equal(found([9, 9]), undefined, 'too few to say');
  });

  it('pass over differences that are certain and small', () => {
    const outputs = { late: histogram([...spread(0, 1), ...spread(0, 0.8)], outputBins.binOf) };
    assert.deepEqual(worse(seen({ outputs })), []);
  });

  it("compare the models' own runs where the new one listens, and pass over what the place of a short run is worth", () => {
    const slow = histogram(spread(3, 9), durationBins.binOf);
    assert.deepEqual(worse(seen({ latency: slow }), { listens: true }), []);
    assert.deepEqual(worse(seen({ execution: slow })), []);
    assert.deepEqual(worse(seen({ execution: slow }), { listens: true }), ['latency']);
    const runs = (ms: number) => seen({ execution: histogram(spread(ms, ms), durationBins.binOf) });
    const look = { limits, seen: 1, seenBefore: 0, listens: true, isFull: false };
    assert.ok(!testsOfLook(runs(0.1), runs(1.5), look).some((test) => test.worse));
    assert.ok(testsOfLook(runs(0.1), runs(3), look).some((test) => test.worse));
    const untold = testsOfLook(seen({ execution: {} }), seen(), look); // by an older server
    assert.ok(!untold.some(({ about }) => about === 'latency'));
  });

  it('spend no error at a look that saw nothing new, and less at an early one', () => {
    assert.deepEqual(worse(seen({ errors: 20 }), { seen: 0.5, seenBefore: 0.5 }), []);
    assert.deepEqual(worse(seen({ errors: 10 })), []);
    assert.deepEqual(worse(seen({ errors: 13 })), ['errors']);
    assert.deepEqual(worse(seen({ errors: 13 }), { seen: 0.1 }), []);
  });

  it('want more of a difference from what was seen at another time', () => {
    const after = seen({ requests: 100_000, errors: 1_500, right: { hits: 80_000, size: 100_000 } });
    const before = { errors: 1_000, requests: 100_000, right: { hits: 80_900, size: 100_000 } };
    const found = (isFull: boolean) =>
      testsOfLook(seen(before), after, { limits, seen: 1, seenBefore: 0, listens: false, isFull })
        .filter((test) => test.worse)
        .map(({ about }) => about);
    assert.deepEqual([found(false), found(true)], [['errors', 'accuracy'], []]);
  });

  it('say nothing of what was not seen', () => {
    const nothing = {
      requests: 0,
      errors: 0,
      latency: {},
      execution: {},
      outputs: {},
      right: { hits: 0, size: 0 },
      offBy: [],
    };
    const look = { limits, seen: 0, seenBefore: 0, listens: false, isFull: false };
    assert.deepEqual(testsOfLook(seen(), nothing, look), []);
  });
});
