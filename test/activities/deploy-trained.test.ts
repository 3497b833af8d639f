import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { deployModel } from '../../activities/deploy-model.js';
import { implementStage } from '../../src/activity/implement-stage.js';
import { openStore } from '../../src/artifacts/open-store.js';
import { columnsOf } from '../../src/contracts/columns.js';
import { deployStage } from '../../src/stages/deploy.js';
import { runStage } from '../../src/testing/run-stage.js';
import { makeDataset } from '../data/make-dataset.js';
import { serve } from '../server/support.js';
import { selectTrips, trainTrips, Trip } from './late-trips.js';

describe('a trained table behind an endpoint', () => {
  it('answers 1,000 rows over HTTP as its trainer did, in JSON and in binary, to 1e-5', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trainyard-parity-'));
    try {
      const store = await openStore('file:store', { baseFolder: folder });
      const dataset = await makeDataset<Trip>(store, columnsOf(Trip), [
        { split: 'train', select: selectTrips(0, 3000) },
      ]);
      const train = implementStage(trainTrips).inChild(new URL('./late-trips-trainer.js', import.meta.url));
      const features = ['city', 'distance', 'wind', 'stops', 'seats', 'holiday', 'departs'] as const;
      const settings = { seed: 7, epochs: 1, batchSize: 256, hidden: [16] };
      const { output } = await runStage(train, {
        input: { dataset, features: [...features], ...settings },
        store,
      });
      await serve(store);
      const [{ model, parity }, Probability] = [output, z.object({ logit: z.number(), probability: z.number() })];
      const stage = deployModel(deployStage({ input: Trip, output: Probability }));
      const deployed = await runStage(stage, { input: { model, parity, endpoint: 'late-trips' }, store });
      assert.equal(deployed.output.parity.rows, 1000);
      assert.ok(deployed.output.parity.maxAbsDifference <= 1e-5);
      assert.ok(Number(deployed.output.smoke.output['probability']) > 0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
