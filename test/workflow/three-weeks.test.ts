/** Approvals over weeks, on a clock that skips, with no worker in between. @module */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import type { ApprovalNotice } from '../../src/contracts/approvals.js';
import { notifyActivity } from '../../src/contracts/approvals.js';
import { approvalActivities } from '../../src/worker/approval-activities.js';
import { bundleWorkflows, type CachedBundle } from '../../src/worker/bundle.js';
import { identifier } from '../../src/worker/identify.js';
import { testSigner } from '../support/pipelines-worker.js';
import { timeSkippingOr } from '../support/time-skipping.js';
import { until } from '../support/until.js';
import { guarded, patient } from './fixtures/contracts.js';

const people = { ada: { roles: ['risk'] }, bob: { roles: ['risk'] } };

describe('an approval of three weeks', function () {
  this.timeout(180_000);
  let environment: TestWorkflowEnvironment;
  let isUp = false;
  let bundle: CachedBundle;
  const project = `weeks-${randomUUID().slice(0, 8)}`;
  const told: string[] = [];

  before(async function () {
    environment = await timeSkippingOr(this);
    isUp = true;
    bundle = await bundleWorkflows({
      workflowsPath: new URL('./fixtures/workflows.js', import.meta.url).pathname,
      cacheFolder: join(tmpdir(), 'trainyard-test-bundles'),
      logger: new DefaultLogger('ERROR'),
    });
  });
  after(async () => {
    if (isUp) await environment.teardown();
  });

  const pipelines = () => new PipelineClient({ client: environment.client, project });

  /** A worker while `work` runs, and none before and after. */
  async function withWorker<Result>(work: () => Promise<Result>): Promise<Result> {
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue: `${project}/pipelines`,
      workflowBundle: bundle,
      // This server keeps tasks for a worker that is gone.
      maxCachedWorkflows: 0,
      activities: {
        ...approvalActivities({
          project: {},
          store: new MemoryStore(),
          signer: testSigner,
          identify: identifier(new Map(), { people }),
        }),
        [notifyActivity]: async (notice: ApprovalNotice) => {
          told.push(`day ${await today()}: ${notice.type} to ${notice.to}`);
        },
      },
    });
    return worker.runUntil(work());
  }

  const start = (contract: typeof guarded | typeof patient) =>
    withWorker(async () => {
      const run = await pipelines().start(contract, { input: {}, by: 'dan' });
      await until(async () => (await run.status()).approvals.length === 1);
      return run;
    });
  const today = async () => Math.floor(((await environment.currentTimeMs()) - began) / 86_400_000);
  let began = 0;
  beforeEach(async () => {
    began = await environment.currentTimeMs();
  });

  it('is decided on its twentieth day by another worker', async () => {
    const run = await start(guarded);
    const [question] = (await run.status()).approvals;
    await environment.sleep('20 days');
    const result = await withWorker(async () => {
      await run.decideOn(question!, 'approved', { by: 'ada', reason: 'read' });
      const [{ at } = { at: '' }] = (await run.status()).approvals[0]?.decisions ?? [];
      assert.equal(Math.floor((Date.parse(at) - Date.parse(question!.askedAt!)) / 86_400_000), 20);
      await run.approve('release', { by: 'bob', reason: 'read' });
      return run.result();
    });
    assert.deepEqual([result.verdict, result.by], ['approved', ['ada, claimed', 'bob, claimed']]);
  });

  it('has expired after three weeks, whoever decides then', async () => {
    const run = await start(guarded);
    const [question] = (await run.status()).approvals;
    // The clock stops where the timer wants a worker, and goes on once there is one.
    const slept = environment.sleep('22 days');
    await until(async () => {
      const { events } = await run.workflow.fetchHistory();
      return (events ?? []).some(({ timerFiredEventAttributes }) => timerFiredEventAttributes);
    });
    assert.equal(await today(), 21);
    const result = await withWorker(async () => {
      await assert.rejects(run.decideOn(question!, 'approved', { by: 'ada', reason: 'too late' }));
      await slept;
      return run.result();
    });
    assert.deepEqual([result.verdict, result.by], ['expired', []]);
  });

  it('reminds every three days, and escalates after two weeks', async () => {
    told.length = 0;
    const run = await start(patient);
    const result = await withWorker(async () => {
      await environment.sleep('20.5 days');
      await run.approve('release', { by: 'ada', reason: 'read' });
      await run.approve('release', { by: 'bob', reason: 'read' });
      return run.result();
    });
    assert.equal(result.verdict, 'approved');
    const reminders = [2, 5, 8, 11, 14, 17, 20].map((day) => `day ${day}: approval.reminder to team`);
    assert.deepEqual(told.toSorted(), [...reminders, 'day 14: approval.escalation to heads'].toSorted());
  });
});
