/** A schedule's entity through many runs of its own, on a server that suggests a new one after few events. @module */
import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import { defineSchedule } from '../../src/contracts/define-schedule.js';
import { entityWorkflowId } from '../../src/contracts/names.js';
import { slicesEntity } from '../../src/contracts/slices-entity.js';
import { hurriedEngine } from '../support/hurried-engine.js';
import { startPipelinesWorker } from '../support/pipelines-worker.js';
import { until } from '../support/until.js';
import { sliced } from './contracts.js';

const events = 80;
const minuteMs = 60_000;
const who = { by: 'ana', reason: 'a test', patienceMs: 60_000 };
const minutes = defineSchedule('minutes', {
  pipeline: sliced,
  input: ({ from, to }) => ({ from, to }),
  intervals: [{ every: '1 minute' }],
  concurrency: 10,
});

describe("a schedule's entity", function () {
  this.timeout(120_000);

  it('goes on in new runs while slices run and two backfills of the same span go on: none is lost, none runs twice', async () => {
    const engine = await hurriedEngine(events);
    const [project, store] = ['new-runs', new MemoryStore()];
    const options = { project: { name: project }, store, schedules: new Map([[minutes.name, minutes]]) };
    const worker = await startPipelinesWorker(new URL('./workflows.js', import.meta.url), options, engine);
    try {
      const schedule = await new PipelineClient({ client: engine.client, project, store }).schedule(minutes, who);
      const to = new Date(Math.floor(Date.now() / minuteMs) * minuteMs);
      const span = { from: new Date(to.getTime() - 100 * minuteMs), to };
      await schedule.backfill(span, who);
      await schedule.backfill(span, who);
      const entity = engine.client.workflow.getHandle(entityWorkflowId(project, slicesEntity.kind, minutes.name));
      const runs = new Map<string, number>();
      await until(async () => {
        const { runId, historyLength } = await entity.describe();
        runs.set(runId, historyLength);
        const { backfills, board } = await schedule.status();
        return backfills.length + (board?.open.length ?? 0) === 0;
      });
      const { expected, succeeded, missing, double } = await schedule.verify(span);
      assert.deepEqual(
        { expected, succeeded, missing, double },
        { expected: 100, succeeded: 100, missing: [], double: [] },
      );
      assert.ok(runs.size > 3, `${runs.size} runs`);
      assert.ok(Math.max(...runs.values()) < 3 * events, `histories of ${[...runs.values()].join(', ')} events`);
    } finally {
      await worker.stop();
      await engine.close();
    }
  });
});
