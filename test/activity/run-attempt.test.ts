import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { AttemptFailure, AttemptInterrupted } from '../../src/activity/attempt-host.js';
import { implementStage } from '../../src/activity/implement-stage.js';
import { readJson } from '../../src/artifacts/json.js';
import { Ref } from '../../src/contracts/refs.js';
import type { FailureClass } from '../../src/contracts/failure-classes.js';
import { SealedAttemptLog } from '../../src/records/attempt-log.js';
import { readMetrics } from '../../src/records/metrics-segments.js';
import { count } from './stages.js';
import { callerOf, type RunningAttempt, type StageCaller } from './support.js';

const counting = implementStage(count).inChild(new URL('./count-trainer.js', import.meta.url));

async function failureOf({ envelope }: RunningAttempt, failureClass: FailureClass): Promise<AttemptFailure> {
  const error: unknown = await envelope.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AttemptFailure, String(error));
  assert.equal(error.failureClass, failureClass, error.message);
  return error;
}

async function curve({ store, stageKey }: StageCaller): Promise<number[]> {
  const steps: number[] = [];
  for await (const { step } of readMetrics(store, stageKey)) steps.push(step);
  return steps;
}

describe('an attempt with a trainer in a child process', () => {
  it('gives output, number of attempts and the sealed log, with the curve in the store', async () => {
    const caller = await callerOf(counting);
    const { output, attempts, log } = await caller.attempt({ steps: 3 }).envelope;
    assert.equal(attempts, 1);
    assert.deepEqual(Object.keys(output as object), ['sum', 'from', 'sha256']);
    const sealed = await readJson(caller.store, Ref.parse(log), SealedAttemptLog);
    const events = sealed.attempts[0]?.events.map(({ event }) => event);
    assert.deepEqual(events, ['start', 'base', 'params', 'tracked', 'end']);
    assert.deepEqual(await curve(caller), [1, 2, 3]);
    assert.deepEqual(readdirSync(caller.scratchRoot), []);
    assert.ok(caller.log.some(({ msg, attempt, stage }) => msg === 'counting' && attempt === 1 && stage === 'count'));
  });

  it('resumes from the last checkpoint and gives what an unbroken run gives', async () => {
    const caller = await callerOf(counting);
    await failureOf(caller.attempt({ steps: 4, mood: 'crash' }), 'Failed');
    const resumed = await caller.attempt({ steps: 8 }).envelope;
    assert.equal((resumed.output as { from: number }).from, 3);
    assert.equal(resumed.attempts, 2);
    assert.deepEqual(await curve(caller), [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  const moods: [mood: string, failureClass: FailureClass, evidence: RegExp][] = [
    ['crash', 'Failed', /"error":"Error"/],
    ['exit', 'Failed', /"exitCode":7/],
    ['garbage', 'Failed', /TY1601/],
    ['nan', 'Diverged', /"metric":"loss"/],
    ['wrong output', 'ContractViolation', /TY1004/],
    ['wrong state', 'ContractViolation', /TY1304/],
    ['heap', 'Failed', /"signal":"SIGABRT"/],
  ];
  for (const [mood, failureClass, evidence] of moods)
    it(`fails as ${failureClass} with evidence: ${mood}`, async () => {
      const caller = await callerOf(counting);
      const { details } = await failureOf(caller.attempt({ steps: 1, mood }), failureClass);
      assert.match(JSON.stringify(details.evidence), evidence);
      assert.equal(details.stage, 'count');
      const sealed = await readJson(caller.store, Ref.parse(details.log), SealedAttemptLog);
      assert.match(JSON.stringify(sealed.attempts[0]?.events.at(-1)), new RegExp(`"class":"${failureClass}"`));
    });

  it('refuses an input that breaks the contract before anything is recorded', async () => {
    const caller = await callerOf(counting);
    const failure = await failureOf(caller.attempt({ steps: -1 }), 'ContractViolation');
    assert.match(failure.message, /stage count: input\.steps.*got -1.*TY1003/);
    assert.equal(failure.details.attempts, 0);
  });

  it('ends as NoProgress, naming the last failure, after three crashes on import', async () => {
    const caller = await callerOf(implementStage(count).inChild(new URL('./no-such-module.js', import.meta.url)));
    for (let attempt = 1; attempt <= 3; attempt++) {
      const { details } = await failureOf(caller.attempt({ steps: 1 }), 'Failed');
      assert.match(JSON.stringify(details.evidence), /ERR_MODULE_NOT_FOUND/);
    }
    const { message } = await failureOf(caller.attempt({ steps: 1 }), 'NoProgress');
    assert.match(message, /3 attempts failed.*no-such-module/);
  });

  it('kills a trainer that makes no progress, even one in a busy loop, and heartbeats meanwhile', async () => {
    const caller = await callerOf(counting);
    const attempt = caller.attempt({ steps: 2, mood: 'busy' }, { stallMs: 4_000 });
    await failureOf(attempt, 'Stalled');
    assert.ok(attempt.heartbeats.length > 5);
    assert.equal(attempt.heartbeats.at(-1)?.done, 1);
    assert.ok(attempt.heartbeats.at(-1)?.checkpoint);
  });

  it('lets a drained trainer save, and is preempted: free of charge', async () => {
    const caller = await callerOf(counting);
    for (let round = 0; round < 2; round++) {
      const attempt = caller.attempt({ steps: 1_000, stepMs: 5 });
      await attempt.until(({ done }) => done > 0);
      attempt.stop('drained');
      await failureOf(attempt, 'Preempted');
    }
    const attempt = caller.attempt({ steps: 1_000, stepMs: 5 });
    await attempt.until(({ done }) => done > 4);
    attempt.stop('superseded');
    await failureOf(attempt, 'Preempted');
  });

  it('is cancelled at its next look at the signal', async () => {
    const caller = await callerOf(counting);
    const attempt = caller.attempt({ steps: 1_000_000, stepMs: 5 });
    await attempt.until(({ done }) => done > 0);
    attempt.stop('cancelled');
    await assert.rejects(
      attempt.envelope,
      (error) => error instanceof AttemptInterrupted && error.reason === 'cancelled',
    );
  });

  it('kills a cancelled trainer that does not look, after the grace', async () => {
    const caller = await callerOf(counting);
    const attempt = caller.attempt({ steps: 2, mood: 'busy' }, { cancelGraceMs: 100 });
    await attempt.until(({ done }) => done === 1);
    attempt.stop('cancelled');
    await assert.rejects(attempt.envelope, AttemptInterrupted);
    assert.deepEqual(readdirSync(caller.scratchRoot), []);
  });
});
