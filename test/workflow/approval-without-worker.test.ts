/** An approval that stays open while no worker runs; the weeks are half a second here: Temporal's clock cannot be turned. @module */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import type { OpenApproval } from '../../src/contracts/approvals.js';
import { testEngine } from '../support/engine.js';
import { startPipelinesWorker } from '../support/pipelines-worker.js';
import { until } from '../support/until.js';
import * as contracts from './fixtures/contracts.js';

const workflows = new URL('./fixtures/workflows.js', import.meta.url);

describe('an approval that is open while no worker runs', () => {
  it('reminds and escalates when one is back, and takes the decision of whom it escalated to', async () => {
    const told: string[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => {
        told.push((JSON.parse(text) as { type: string }).type);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const name = `patient-${randomUUID().slice(0, 8)}`;
    const project = { name, people: { cyd: { roles: ['head'] } }, webhooks: { team: { url }, heads: { url } } };
    const store = new MemoryStore();
    const { client } = await testEngine();
    try {
      const run = await new PipelineClient({ client, project: name, store }).start(contracts.patient, { input: {} });
      let question: OpenApproval | undefined;
      const first = await startPipelinesWorker(workflows, { project, store });
      await until(async () => (question = (await run.status()).approvals[0]) !== undefined);
      await first.stop();
      await until(() => Date.now() > Date.parse(question!.askedAt!) + 500);
      const second = await startPipelinesWorker(workflows, { project, store });
      await until(() => told.length === 2);
      await run.decideOn(question!, 'approved', { by: 'cyd', reason: 'back from holidays' });
      assert.equal((await run.result()).verdict, 'approved');
      await second.stop();
      assert.deepEqual(told.toSorted(), ['approval.escalation', 'approval.reminder']);
    } finally {
      server.close();
    }
  });
});
