import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { AttemptFailure, AttemptInterrupted } from '../../src/activity/attempt-host.js';
import { implementStage } from '../../src/activity/implement-stage.js';
import { seedOf } from '../../src/context/build-context.js';
import type { FailureClass } from '../../src/contracts/failure-classes.js';
import { readAttemptLog } from '../../src/records/attempt-log.js';
import { readMetrics } from '../../src/records/metrics-segments.js';
import { python } from '../../src/trainer/python.js';
import { count } from './stages.js';
import { callerOf } from './support.js';

// The compiler copies no Python: the script lies beside the sources of this test.
const script = new URL('../../../test/activity/count.py', import.meta.url);
const counting = implementStage(count).inChild(python({ script }));

describe('a Python script as a trainer', () => {
  it('resumes from its checkpoint after a crash and gives what an unbroken run gives', async () => {
    const caller = await callerOf(counting);
    await assert.rejects(caller.attempt({ steps: 4, mood: 'crash' }).envelope, /the disk is on fire/);
    const { output, attempts } = await caller.attempt({ steps: 8 }).envelope;
    let sum = 0;
    for (let step = 1; step <= 8; step++) sum = (sum * 31 + step * (seedOf(caller.stageKey) % 97)) % 1_000_003;
    assert.deepEqual(output, { sum, from: 3, sha256: createHash('sha256').update(String(sum)).digest('hex') });
    assert.equal(attempts, 2);
    const points: number[] = [];
    for await (const { values } of readMetrics(caller.store, caller.stageKey)) points.push(values['sum']!);
    assert.equal(points.length, 8);
    assert.equal(points.at(-1), sum);
    const events = (await readAttemptLog(caller.store, caller.stageKey)).at(-1)?.events ?? [];
    assert.deepEqual(
      events.map((event) => (event.event === 'tracked' ? event.name : event.event)),
      ['start', 'base', 'params', 'sum', 'metrics', 'end'],
    );
    assert.ok(caller.log.some(({ msg, stream }) => msg === 'counting from 3' && stream === 'stdout'));
  });

  const moods: [mood: string, failureClass: FailureClass, evidence: RegExp][] = [
    ['crash', 'Failed', /builtins\.ValueError.*/],
    ['nan', 'Diverged', /trainyard\.Diverged/],
    ['heap', 'OutOfMemory', /builtins\.MemoryError/],
    ['allocator', 'OutOfMemory', /builtins\.RuntimeError/],
    ['wrong state', 'ContractViolation', /TY1304/],
  ];
  for (const [mood, failureClass, evidence] of moods)
    it(`fails as ${failureClass} with its exception as evidence: ${mood}`, async () => {
      const caller = await callerOf(counting);
      const error: unknown = await caller.attempt({ steps: 1, mood }).envelope.catch((thrown: unknown) => thrown);
      assert.ok(error instanceof AttemptFailure, String(error));
      assert.equal(error.failureClass, failureClass);
      assert.match(JSON.stringify(error.details.evidence), evidence);
    });

  it('stops when it is asked to, and is killed in a busy loop after the grace', async () => {
    const caller = await callerOf(counting);
    const drained = caller.attempt({ steps: 100_000, stepMs: 5 });
    await drained.until(({ done }) => done > 0);
    drained.stop('drained');
    await assert.rejects(
      drained.envelope,
      (error) => error instanceof AttemptFailure && error.failureClass === 'Preempted',
    );
    const { done } = drained.heartbeats.at(-1)!;
    // The newest checkpoint may be some steps further than the last progress that was told.
    const steps = done + 50;
    const busy = caller.attempt({ steps, mood: 'busy' }, { cancelGraceMs: 100 });
    await busy.until((progress) => progress.done === steps - 1);
    busy.stop('cancelled');
    await assert.rejects(busy.envelope, AttemptInterrupted);
  });

  it('says which interpreter is not there', async () => {
    const caller = await callerOf(implementStage(count).inChild(python({ script, python: 'no-such-python' })));
    const error: unknown = await caller.attempt({ steps: 1 }).envelope.catch((thrown: unknown) => thrown);
    assert.ok(error instanceof AttemptFailure);
    assert.match(JSON.stringify(error.details.evidence), /"exitCode":127.*no-such-python/);
  });
});
