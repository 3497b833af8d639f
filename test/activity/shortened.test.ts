/** Failures as long as a server takes. @module */
import assert from 'node:assert/strict';
import { shortened, shortenedError, shortenedEvidence } from '../../src/activity/shortened.js';

const long = 'é'.repeat(3_000_000);

describe('what stage code says of a failure', () => {
  it('stays as it is where it is short', () => {
    assert.equal(shortened('short'), 'short');
    assert.deepEqual(shortenedEvidence({ exitCode: 1, stderr: 'no' }), { exitCode: 1, stderr: 'no' });
  });

  it('is cut, and says how long it was', () => {
    assert.match(shortened(long), /^é{4000}… \(3000000 characters\)$/);
  });

  it('has nothing left that breaks a worker or that a terminal obeys', () => {
    assert.equal(shortened('a\ud800b\u001b[2J\tc\nd'), 'a\ufffdb\ufffd[2J\tc\nd');
  });

  it('keeps evidence below the limit of a payload, however many parts it has', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`part ${index}`, long]));
    assert.ok(JSON.stringify(shortenedEvidence(many)).length < 16 * 1024);
    assert.deepEqual(Object.keys(shortenedEvidence({ stderr: long, exitCode: 1 })), ['stderr', 'exitCode']);
  });

  it('keeps the name of an error, its frames and its cause', () => {
    const error = new TypeError(long, { cause: new RangeError(long) });
    const short = shortenedError(error);
    assert.equal(short.name, 'TypeError');
    assert.match(short.stack ?? '', /characters\)\n {4}at .*shortened\.test/);
    assert.ok(short.cause instanceof Error && short.cause.name === 'RangeError' && short.cause.message.length < 5_000);
  });
});
