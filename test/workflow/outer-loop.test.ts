import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { failureOf } from '../../src/client/run.js';
import type { StageCall } from '../../src/contracts/envelope.js';
import type { FailureClass } from '../../src/contracts/failure-classes.js';
import { type StandIn, type Told, withPipelines } from '../support/pipelines.js';
import { until } from '../support/until.js';
import * as contracts from './fixtures/contracts.js';

const workflows = new URL('./fixtures/workflows.js', import.meta.url);

interface LearnInput {
  readonly batch: number;
  readonly rate: number;
}

/** Fails as an attempt fails, as often as there are classes; then answers with the calls that it saw. */
function failingAs(...classes: readonly [FailureClass, Record<string, unknown>?][]): StandIn {
  const calls: Partial<StageCall>[] = [];
  return ({ batch, rate }: LearnInput, { call }: Told) => {
    const { generation, rollBack, adaptation } = call;
    calls.push({ generation, rollBack, adaptation });
    const [type, evidence = {}] = classes[calls.length - 1] ?? [];
    if (type === undefined) return { batch, rate, calls };
    const details = [{ stage: 'learn', attempts: calls.length, evidence }];
    throw ApplicationFailure.create({ message: `it was ${type}`, type, nonRetryable: true, details });
  };
}

const learnWith = (learn: StandIn, input: { batch: number; rate?: number }) =>
  withPipelines(workflows, { learn }, async ({ pipelines }) => {
    const run = await pipelines.start(contracts.learning, { input });
    return run.result().catch((error: unknown) => assert.fail(failureOf(error)));
  });

describe('the outer loop', () => {
  it('changes the input as the contract says and schedules the call anew, a generation later', async () => {
    const output = await learnWith(failingAs(['OutOfMemory'], ['OutOfMemory']), { batch: 12 });
    assert.equal(output.batch, 2);
    assert.deepEqual(output.calls, [
      { generation: 0 },
      { generation: 1, rollBack: 0, adaptation: 'OutOfMemory: batch 12 → 6' },
      { generation: 2, rollBack: 0, adaptation: 'OutOfMemory: batch 6 → 2' },
    ]);
  });

  it('passes over the newest checkpoints where what diverged may lie in them', async () => {
    const output = await learnWith(failingAs(['Diverged']), { batch: 1 });
    assert.equal(output.rate, 0.05);
    assert.deepEqual(output.calls[1], {
      generation: 1,
      rollBack: 1,
      adaptation: 'Diverged: rate 0.1 → 0.05, 1 checkpoint back',
    });
  });

  it('moves the call to the pool that the evidence names', () =>
    withPipelines(workflows, { learn: failingAs(['PoolChange', { pool: 'large' }]) }, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.learning, { input: { batch: 1 } });
      const pools = async () => (await run.status()).stages.map(({ pool }) => pool).join(', ');
      await until(async () => (await pools()) === 'large');
      await run.workflow.terminate();
    }));

  it('fails the stage with the failure itself once the contract has answered often enough', async () => {
    await assert.rejects(learnWith(failingAs(['Diverged'], ['Diverged']), { batch: 1 }), /it was Diverged/);
  });

  it('fails the stage where the contract has nothing left to change, or no answer', async () => {
    await assert.rejects(learnWith(failingAs(['OutOfMemory']), { batch: 1 }), /it was OutOfMemory/);
    await assert.rejects(learnWith(failingAs(['NoProgress']), { batch: 2 }), /it was NoProgress/);
  });

  it('refuses an adaptation that breaks the contract', async () => {
    const halved = learnWith(failingAs(['Diverged']), { batch: 1, rate: Number.MIN_VALUE });
    await assert.rejects(halved, /stage learn: its adaptation to Diverged: input.rate/);
  });
});
