import assert from 'node:assert/strict';
import { failureOf } from '../../src/client/run.js';
import { type Told, withPipelines } from '../support/pipelines.js';
import { until } from '../support/until.js';
import * as contracts from './fixtures/contracts.js';

const workflows = new URL('./fixtures/workflows.js', import.meta.url);
const identify = (input: { label: string }, { call }: Told) => ({ ...call, label: input.label });

describe('a pipeline', () => {
  it('refuses input that breaks its contract in the client, before anything is sent', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      const input = { expiresInMs: 'soon' as unknown as number };
      const started = pipelines.start(contracts.promotion, { workflowId: 'never', input });
      await assert.rejects(started, { code: 'TY1003', message: /input\.expiresInMs: .*got "soon"/ });
      await assert.rejects(pipelines.get('never').status(), { code: 'TY1902' });
    }));

  it('refuses a stage’s input that breaks its contract, before the stage is scheduled', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.wrongInput, { input: {} });
      const error: unknown = await run.result().catch((thrown: unknown) => thrown);
      assert.match(
        failureOf(error),
        /stage identify: input\.label: .*got 7\. Fix the caller; not retried\. \[TY1003\]/,
      );
      assert.deepEqual((await run.status()).stages, []);
    }));

  it('fails rather than answer what its contract does not promise', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.wrongOutput, { input: {} });
      const error: unknown = await run.result().catch((thrown: unknown) => thrown);
      assert.match(failureOf(error), /pipeline wrongOutput: output\.n/);
    }));

  it('shows at once, in its status, a payload that belongs into the store', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.large, { input: {} });
      await until(async () => (await run.status()).problem !== undefined);
      assert.match((await run.status()).problem ?? '', /a payload of 68 KiB is over the limit of 64 KiB.*TY1007/);
      await run.workflow.terminate();
    }));

  it('fills defaults once: history holds the filled value', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.two, { input: {} });
      await run.result();
      const { events } = await run.workflow.fetchHistory();
      const scheduled = events?.find(
        (event) => event.activityTaskScheduledEventAttributes,
      )?.activityTaskScheduledEventAttributes;
      const input: unknown = JSON.parse(Buffer.from(scheduled?.input?.payloads?.[0]?.data ?? []).toString());
      assert.deepEqual(input, { label: 'first', fail: false });
    }));
});
