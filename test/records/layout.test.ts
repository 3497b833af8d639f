import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  baseKey,
  callFolder,
  compareTokens,
  formatToken,
  headKey,
  newToken,
  parseRecordKey,
  parseToken,
  sequenceKey,
} from '../../src/records/layout.js';

const parts = fc.record(
  {
    generation: fc.integer({ min: 0, max: 9_999 }),
    scheduledMs: fc.integer({ min: 0, max: 9_999_999_999_999 }),
    attempt: fc.integer({ min: 0, max: 9_999 }),
    nonce: fc.stringMatching(/^[0-9a-f]{8}$/),
  },
  { noNullPrototype: true },
);

describe('tokens', () => {
  it('come back as the parts that they were made of', () => {
    fc.assert(
      fc.property(parts, (made) => {
        assert.deepEqual(parseToken(formatToken(made)), made);
      }),
    );
  });

  it('are ordered by generation, then server time, then attempt, then nonce', () => {
    const order = (a: readonly (string | number)[], b: readonly (string | number)[]) => {
      const at = a.findIndex((value, index) => value !== b[index]);
      return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1;
    };
    fc.assert(
      fc.property(parts, parts, fc.integer({ min: 0, max: 3 }), (a, other, shared) => {
        const names = ['generation', 'scheduledMs', 'attempt', 'nonce'] as const;
        const b = { ...other, ...Object.fromEntries(names.slice(0, shared).map((name) => [name, a[name]])) };
        const expected = order(
          names.map((name) => a[name]),
          names.map((name) => b[name]),
        );
        assert.equal(compareTokens(formatToken(a), formatToken(b)), expected);
      }),
    );
  });

  it('grow over attempts that Temporal numbers from 1 again', () => {
    const before = newToken({ generation: 0, scheduledMs: 1_700_000_000_000, attempt: 7 });
    assert.ok(compareTokens(before, newToken({ generation: 0, scheduledMs: 1_700_000_000_001, attempt: 1 })) < 0);
    assert.ok(compareTokens(before, newToken({ generation: 1, scheduledMs: 1_700_000_000_001, attempt: 1 })) < 0);
  });

  it('are still made after 9,999 drained attempts', () => {
    assert.equal(parseToken(newToken({ generation: 0, scheduledMs: 1, attempt: 12_345 })).attempt, 9_999);
  });

  it('are refused when they are not tokens', () => {
    for (const token of ['', '0-1-2-3', '../../../etc', '0000-1700000000000-0001-0123abcdX'])
      assert.throws(() => parseToken(token), { code: 'TY1303' });
    assert.throws(() => newToken({ generation: 10_000, scheduledMs: 1, attempt: 1 }), { code: 'TY1303' });
  });
});

describe('keys', () => {
  const token = '0000-1700000000000-0001-0123abcd';

  it('lie in two folders for each stage key, whatever the ids contain', () => {
    assert.equal(callFolder('checkpoints', 'a/b/../c/train-1'), 'checkpoints/a%2Fb%2F..%2Fc/train-1/');
    assert.equal(callFolder('metrics', '../train-1'), 'metrics/%2E./train-1/');
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (id) => {
        assert.match(callFolder('attempts', `${id}/train-1`), /^attempts\/[^./][^/]{0,199}\/train-1\/$/);
      }),
    );
    for (const key of ['', 'train', '/train', 'id/'])
      assert.throws(() => callFolder('attempts', key), { code: 'TY1303' });
  });

  it('differ for ids that are too long for a file name and differ at their end', () => {
    const folders = ['a', 'b'].map((end) => callFolder('attempts', `${'é'.repeat(400)}${end}/train-1`));
    assert.notEqual(folders[0], folders[1]);
    assert.ok(folders[0]!.length < 230);
  });

  it('are taken apart again', () => {
    const folder = callFolder('checkpoints', 'run/train-1');
    assert.deepEqual(parseRecordKey(baseKey(folder, token)), { folder, token, seq: undefined });
    assert.deepEqual(parseRecordKey(sequenceKey(folder, token, 12)), { folder, token, seq: 12 });
    for (const key of [folder, `${folder}${token}/other.json`, `${folder}not-a-token/base.json`, headKey('a', 'b', 1)])
      assert.equal(parseRecordKey(key), undefined);
  });

  it('of heads sort by generation', () => {
    assert.equal(headKey('models', 'churn', 12), 'heads/models/churn/000000000012.json');
  });
});
