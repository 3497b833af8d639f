/** A worker whose devices break: real attempts in real processes; only the list of devices is made up. @module */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { implementStage } from '../../src/activity/implement-stage.js';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { defineProject } from '../../src/contracts/define-project.js';
import { createPoolWorker } from '../../src/worker/create-pool-worker.js';
import { testEngine } from '../support/engine.js';
import { withPipelines } from '../support/pipelines.js';
import { until } from '../support/until.js';
import { onDevice, usingDevice } from './device-stage.js';

describe('a worker whose devices break', function () {
  this.timeout(120_000);
  let folder: string;
  const path = process.env['PATH'];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ty-broken-'));
    const smi = join(folder, 'nvidia-smi');
    writeFileSync(smi, "#!/bin/sh\nprintf '0, GPU, 1\\n1, GPU, 1\\n'\n");
    chmodSync(smi, 0o755);
    process.env['PATH'] = `${folder}:${path ?? ''}`;
  });
  after(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true, force: true });
  });

  it('retries elsewhere, leaves a device alone that failed twice, and takes no work when none is left', async () => {
    const { native, engine } = await testEngine();
    const lines: string[] = [];
    await withPipelines(
      new URL('./device-workflows.js', import.meta.url),
      { other: () => ({}) },
      async ({ pipelines, project }) => {
        const registry = new Registry();
        const pool = await createPoolWorker({
          project: defineProject({ name: project, pools: { gpu: { device: 'cuda' } } }),
          pool: 'gpu',
          implementations: [implementStage(onDevice).inChild(new URL('./device-trainer.js', import.meta.url))],
          store: await openFileStore(join(folder, 'store')),
          scratchRoot: join(folder, 'scratch'),
          connection: native,
          namespace: engine.namespace,
          payloadCodecs: [],
          registry,
          log: pino({}, { write: (line: string) => void lines.push(line) }),
        });
        const healthy = async () => /healthy (\d)/.exec(await registry.metrics())?.[1];
        const running = pool.run();
        try {
          assert.equal(await healthy(), '2');
          const retried = await pipelines.start(usingDevice, { input: { broken: [0] } });
          assert.deepEqual(await retried.result(), { device: 1 });
          assert.equal(pool.problem(), undefined);
          const broken = await pipelines.start(usingDevice, { input: { broken: [0, 1] } });
          await until(() => pool.problem() !== undefined);
          assert.match(pool.problem() ?? '', /every device of this worker of pool gpu has failed twice/);
          assert.equal(await healthy(), '0');
          assert.ok(lines.some((line) => line.includes('has failed again: it is left alone')));
          await until(async () => (await broken.status()).stages[0]?.state === 'waiting');
          await broken.workflow.terminate();
        } finally {
          pool.worker.shutdown();
          await running;
        }
      },
    );
  });
});
