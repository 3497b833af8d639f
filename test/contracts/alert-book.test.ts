/** Alerts over many looks. @module */
import assert from 'node:assert/strict';
import { AlertBook, takeLook } from '../../src/contracts/alert-book.js';
import { Alert, type Finding, isAtLeast } from '../../src/contracts/alerts.js';

const drift: Finding = {
  name: 'DataDrift',
  severity: 'warning',
  subject: { kind: 'deployment', name: 'churn' },
  summary: 'it drifts',
  evidence: { figures: { psi: 0.3 }, refs: [] },
};

const at = (hour: number) => `2026-03-01T${String(hour).padStart(2, '0')}:00:00.000Z`;

/** Looks every hour from 10 o'clock on, on a book that was kept as JSON. */
function looks(...found: Finding[][]) {
  let book: AlertBook = [];
  return found.map((findings, i) => {
    const outcome = takeLook(book, findings, { project: 'p', at: at(10 + i), closeAfter: 2 });
    book = AlertBook.parse(JSON.parse(JSON.stringify(outcome.book)));
    return outcome;
  });
}

const tally = (outcomes: ReturnType<typeof looks>) =>
  outcomes.map(({ raised, kept, closed, book }) => [raised.length, kept.length, closed.length, book.length]);

describe('an alert', () => {
  it('is raised once, kept while it goes on, and closed after enough clean looks', () => {
    const outcomes = looks([], [drift], [drift], [], [], []);
    assert.deepEqual(tally(outcomes), [
      [0, 0, 0, 0],
      [1, 0, 0, 1],
      [0, 1, 0, 1],
      [0, 0, 0, 1],
      [0, 0, 1, 0],
      [0, 0, 0, 0],
    ]);
    const { id, status, startedAt, endedAt } = outcomes[4]!.closed[0]!;
    assert.deepEqual(
      { id, status, startedAt, endedAt },
      {
        id: `p/DataDrift/warning/deployment/churn@${at(11)}`,
        status: 'resolved',
        startedAt: at(11),
        endedAt: at(14),
      },
    );
  });

  it('stays as it is after a look that could not look for it', () => {
    const options = { project: 'p', closeAfter: 1, unseen: ['DataDrift'] };
    const { book } = takeLook([], [drift], { ...options, at: at(10) });
    const blind = takeLook(book, [], { ...options, at: at(11) });
    assert.deepEqual([blind.book, blind.closed], [book, []]);
    assert.equal(takeLook(book, [], { ...options, unseen: [], at: at(12) }).closed.length, 1);
  });

  it('that comes and goes is one alert', () => {
    assert.deepEqual(tally(looks([drift], [], [drift], [], [drift])), [
      [1, 0, 0, 1],
      [0, 0, 0, 1],
      [0, 1, 0, 1],
      [0, 0, 0, 1],
      [0, 1, 0, 1],
    ]);
  });

  it('that comes back after it was closed is another one with the same fingerprint', () => {
    const outcomes = looks([drift], [], [], [drift]);
    const [first, second] = [outcomes[0]!.raised[0]!, outcomes[3]!.raised[0]!];
    assert.equal(first.fingerprint, second.fingerprint);
    assert.notEqual(first.id, second.id);
  });

  it('shows what the last look found', () => {
    const worse = { ...drift, evidence: { figures: { psi: 0.9 }, refs: [] } };
    assert.deepEqual(looks([drift], [worse])[1]!.kept[0]!.evidence.figures, { psi: 0.9 });
  });

  it('that becomes critical is a second one, and the first closes', () => {
    const critical: Finding = { ...drift, severity: 'critical' };
    assert.deepEqual(tally(looks([drift], [critical], [critical])), [
      [1, 0, 0, 1],
      [1, 0, 0, 2],
      [0, 1, 1, 1],
    ]);
  });

  it('about another subject, or given twice in one look, is counted as it should be', () => {
    const other = { ...drift, subject: { kind: 'deployment', name: 'late' } };
    assert.equal(looks([drift, other, drift])[0]!.raised.length, 2);
  });

  it('is what its schema says, and ends only when it has an end', () => {
    const [outcome] = looks([drift]);
    assert.ok(Alert.safeParse(outcome!.raised[0]).success);
    assert.ok(!Alert.safeParse({ ...outcome!.raised[0], status: 'resolved' }).success);
    assert.ok(!Alert.safeParse({ ...outcome!.raised[0], name: 'data drift' }).success);
  });

  it('is at least as urgent as a less urgent one', () => {
    assert.ok(isAtLeast('critical', 'warning') && isAtLeast('info', 'info') && !isAtLeast('info', 'warning'));
  });
});
