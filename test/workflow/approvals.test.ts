import assert from 'node:assert/strict';
import type { PipelineClient } from '../../src/client/pipeline-client.js';
import type { Run } from '../../src/client/run.js';
import { type Told, withPipelines } from '../support/pipelines.js';
import { resetTo } from '../support/reset.js';
import { until } from '../support/until.js';
import * as contracts from './fixtures/contracts.js';

const workflows = new URL('./fixtures/workflows.js', import.meta.url);
const identify = (input: { label: string }, { call }: Told) => ({ ...call, label: input.label });
const by = 'ada';

async function asked(run: Run, id: string): Promise<void> {
  await until(async () => (await run.status()).approvals.some((open) => open.id === id));
}

const start = (pipelines: PipelineClient, input: { expiresInMs?: number; before?: boolean } = {}) =>
  pipelines.start(contracts.promotion, { input });

describe('an approval', () => {
  it('shows its evidence and takes the decision of a person, one after the other', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      const run = await start(pipelines);
      await asked(run, 'promotion-0');
      const [open] = (await run.status()).approvals;
      assert.deepEqual(open?.evidence, { auc: 0.8 });
      await run.reject('promotion', { by, reason: 'too low' });
      await asked(run, 'promotion-1');
      await run.approve('promotion', { by, reason: 'read' });
      assert.deepEqual(await run.result(), { verdicts: ['rejected by ada: too low', 'approved by ada: read'] });
    }));

  it('expires when nobody decides', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      assert.deepEqual(await (await start(pipelines, { expiresInMs: 50 })).result(), {
        verdicts: ['expired', 'expired'],
      });
    }));

  it('refuses a decision that was made for other evidence, and one that nobody asks for', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      const run = await start(pipelines);
      await asked(run, 'promotion-0');
      const [first] = (await run.status()).approvals;
      await assert.rejects(run.approve('release', { by, reason: 'x' }), {
        code: 'TY1905',
        message: /does not wait for "release"; it waits for: promotion/,
      });
      await run.approve('promotion', { by, reason: 'read' });
      await asked(run, 'promotion-1');
      await assert.rejects(run.decideOn(first!, 'approved', { by, reason: 'again' }), {
        code: 'TY1904',
        message: /"promotion-0" has been approved already/,
      });
      const [second] = (await run.status()).approvals;
      await assert.rejects(run.decideOn({ ...second!, binding: first!.binding }, 'approved', { by, reason: 'old' }), {
        code: 'TY1904',
        message: /other evidence or another run/,
      });
      await run.approve('promotion', { by, reason: 'read' });
      await run.result();
    }));

  it('is not inherited: a decision that a reset applies again is refused by the new run', () =>
    withPipelines(workflows, { identify }, async ({ pipelines }) => {
      const run = await start(pipelines, { before: true });
      await asked(run, 'promotion-0');
      await run.approve('promotion', { by, reason: 'read' });
      await asked(run, 'promotion-1');
      // After the first stage, before the question: the Update comes later in history and is applied again.
      const runId = await resetTo(run.workflow, 1);
      const forked = pipelines.get(run.workflowId, runId);
      await asked(forked, 'promotion-0');
      const { events: replayed } = await forked.workflow.fetchHistory();
      const updates = (replayed ?? []).filter(
        (event) =>
          event.workflowExecutionUpdateAdmittedEventAttributes ?? event.workflowExecutionUpdateAcceptedEventAttributes,
      );
      assert.ok(updates.length > 0, 'the reset applied no Update again: the test shows nothing');
      await forked.reject('promotion', { by, reason: 'read anew' });
      await asked(forked, 'promotion-1');
      await forked.workflow.terminate();
    }));
});
