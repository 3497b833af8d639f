import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import { z } from 'zod';
import { connect } from '../../src/client/connect.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import { definePipeline } from '../../src/contracts/define-pipeline.js';
import { payloadGuard } from '../../src/converter/payload-guard.js';
import { testEngine } from '../support/engine.js';
import { until } from '../support/until.js';

const training = definePipeline('training', {
  input: z.object({ source: z.string(), epochs: z.int().positive().default(20) }),
  output: z.object({}),
  stages: {},
});

describe('the client of a project', () => {
  const project = `client-${randomUUID().slice(0, 8)}`;
  const client = async () => new PipelineClient({ client: (await testEngine()).client, project });
  const started: string[] = [];
  after(async () => {
    for (const id of started) await (await client()).get(id).workflow.terminate();
  });

  async function start(workflowId: string) {
    started.push(workflowId);
    return (await client()).start(training, { workflowId, input: { source: 'a.csv' } });
  }

  it('sends nothing when the input breaks the contract, and says path, value and remedy', async () => {
    const pipelines = await client();
    const input = { source: 'a.csv', epochs: 0 };
    await assert.rejects(pipelines.start(training, { workflowId: 'wrong', input }), {
      code: 'TY1003',
      message: /^pipeline training: input\.epochs: .*got 0\. Fix the caller; not retried\. \[TY1003\]$/,
    });
    await assert.rejects(pipelines.get('wrong').workflow.describe(), WorkflowNotFoundError);
  });

  it('sends nothing when a payload is over 64 KiB', async () => {
    const { engine } = await testEngine();
    const guarded = await connect({
      ...engine.connection,
      namespace: engine.namespace,
      payloadCodecs: [payloadGuard({ onLarge: 'fail' })],
    });
    try {
      const pipelines = new PipelineClient({ client: guarded, project });
      const input = { source: 'x'.repeat(70_000) };
      await assert.rejects(pipelines.start(training, { workflowId: 'large', input }), /TY1007/);
      await assert.rejects((await client()).get('large').workflow.describe(), WorkflowNotFoundError);
    } finally {
      await guarded.connection.close();
    }
  });

  it('fills defaults once, when it starts a run', async () => {
    const run = await start('defaults');
    const { events } = await run.workflow.fetchHistory();
    const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
    assert.deepEqual(JSON.parse(Buffer.from(payload?.data ?? []).toString()), { source: 'a.csv', epochs: 20 });
  });

  it('tells since when a run waits for a pipelines worker', async () => {
    const status = await (await start('waits')).status();
    assert.deepEqual([status.state, status.stages], ['running', []]);
    assert.ok(status.waitingSince instanceof Date);
  });

  it('finds a run by the beginning of its id, unless several begin so', async () => {
    const pipelines = await client();
    await start('june-1');
    await start('june-2');
    // Visibility lags behind.
    await until(async () => {
      const ids: string[] = [];
      for await (const { workflowId } of pipelines.list()) ids.push(workflowId);
      return ['june-1', 'june-2'].every((id) => ids.includes(`${project}/${id}`));
    });
    await assert.rejects(pipelines.find('june'), {
      code: 'TY1902',
      message: /beginning of several runs: .*june-1.*june-2/,
    });
    assert.equal((await pipelines.find('june-2')).workflowId, `${project}/june-2`);
    await assert.rejects((await pipelines.find('july')).status(), { code: 'TY1902', message: /no run .*july/ });
  });

  it('refuses a second run of an id while the first is open', async () => {
    await start('twice');
    const again = (await client()).start(training, { workflowId: 'twice', input: { source: 'b.csv' } });
    await assert.rejects(again, { code: 'TY1903' });
  });
});
