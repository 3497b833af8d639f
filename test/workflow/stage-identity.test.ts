import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { testEngine } from '../support/engine.js';
import { type Told, withPipelines } from '../support/pipelines.js';
import { completedTasks, resetTo } from '../support/reset.js';
import { until } from '../support/until.js';
import * as contracts from './fixtures/contracts.js';

const workflows = new URL('./fixtures/workflows.js', import.meta.url);
const identify = (input: { label: string }, { call }: Told) => ({
  stageKey: call.stageKey,
  generation: call.generation,
  label: input.label,
});

describe('the identity of a stage call', () => {
  it('is the workflow id, the stage and a uuid: another one for each call', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.two, { input: {} });
      const { calls } = await run.result();
      const keys = calls.map(({ stageKey }) => stageKey);
      for (const key of keys) assert.match(key.slice(run.workflowId.length), /^\/identify-[0-9a-f-]{36}$/);
      assert.equal(new Set(keys).size, 2);
      const { stages } = await run.status();
      assert.deepEqual(
        stages.map(({ stageKey, call, state, pool }) => [stageKey, call, state, pool]),
        [
          [keys[0], 0, 'completed', 'cpu'],
          [keys[1], 1, 'completed', 'cpu'],
        ],
      );
    }));

  it('is the same for every attempt of Temporal’s own retries', () => {
    const seen: string[] = [];
    return withPipelines(
      workflows,
      {
        identify: (input: { label: string }, told: Told) => {
          seen.push(told.call.stageKey);
          if (input.label === 'first' && told.attempt < 3) throw new Error('a passing bug');
          return identify(input, told);
        },
      },
      async ({ pipelines }) => {
        const run = await pipelines.start(contracts.two, { input: {} });
        await run.result();
        assert.equal(seen.length, 4);
        assert.equal(new Set(seen.slice(0, 3)).size, 1);
        assert.equal((await run.status()).stages[0]?.attempts, 3);
      },
    );
  });

  it('is another one after continue-as-new', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      const { calls } = await (await pipelines.start(contracts.again, { input: { runs: 3 } })).result();
      assert.equal(new Set(calls).size, 3);
    }));

  it('is another one in a workflow retry', () => {
    const seen: string[] = [];
    const remember = (input: { label: string }, told: Told) => {
      seen.push(told.call.stageKey);
      return identify(input, told);
    };
    return withPipelines(workflows, { identify: remember }, async ({ project }) => {
      const { client } = await testEngine();
      const retry = { maximumAttempts: 2, initialInterval: '1ms' as const };
      await client.workflow.execute('retried', {
        workflowId: `${project}/r`,
        taskQueue: `${project}/pipelines`,
        args: [{}],
        retry,
      });
      assert.equal(seen.length, 2);
      assert.notEqual(seen[0], seen[1]);
    });
  });

  it('is another one in a child, which has a workflow id of its own', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.parent, { input: {} });
      const { own, child } = await run.result();
      assert.equal(new Set([own, ...child]).size, 3);
      assert.ok(child.every((key) => !key.startsWith(`${run.workflowId}/`)));
    }));

  it('survives a reset for calls before the reset point, and is drawn anew for calls after it', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.two, { input: {} });
      const before = keysOf(await run.result());
      const later = await resetTo(run.workflow, 1);
      const after = keysOf(await pipelines.get<Calls>(run.workflowId, later).result());
      assert.equal(after[0], before[0]);
      assert.notEqual(after[1], before[1]);
      const start = await resetTo(run.workflow, 0);
      const fresh = keysOf(await pipelines.get<Calls>(run.workflowId, start).result());
      assert.equal(new Set([...before, ...after, ...fresh]).size, 5);
    }));

  it('stays the same for a call that was in flight when the run was reset', () => {
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const seen: Told[] = [];
    const holdOnce = async (input: { label: string }, told: Told) => {
      seen.push(told);
      if (seen.length === 1) await held;
      return identify(input, told);
    };
    return withPipelines(workflows, { identify: holdOnce }, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.two, { input: {} });
      await until(() => seen.length === 1);
      await run.workflow.signal('nobody-listens');
      await until(async () => (await completedTasks(run.workflow)) === 2);
      const runId = await resetTo(run.workflow, 1);
      const { calls } = await pipelines.get<Calls>(run.workflowId, runId).result();
      release?.();
      assert.equal(calls[0]?.stageKey, seen[0]?.call.stageKey);
    });
  });

  it('has a generation more when the server failed the attempt because of a reset', () =>
    withPipelines(workflows, { identify: failedByReset }, async ({ pipelines }) => {
      const { calls } = await (await pipelines.start(contracts.two, { input: {} })).result();
      assert.deepEqual(
        calls.map(({ generation }) => generation),
        [1, 1],
      );
      assert.equal(new Set(keysOf({ calls })).size, 2);
    }));
});

/** Older servers end an activity in flight with this failure; newer ones schedule it again. */
function failedByReset(input: { label: string }, told: Told) {
  if (told.call.generation === 0) throw ApplicationFailure.nonRetryable('reset', 'ResetWorkflow');
  return identify(input, told);
}

interface Calls {
  readonly calls: { readonly stageKey: string; readonly generation: number }[];
}

const keysOf = ({ calls }: Calls) => calls.map(({ stageKey }) => stageKey);
