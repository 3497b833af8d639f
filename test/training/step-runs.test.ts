/** Ten steps of each optimiser agree with PyTorch's; the models they run are valid. @module */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { accumulationModel } from '../../src/training/accumulation-graph.js';
import { softmaxCrossEntropy } from '../../src/training/losses.js';
import { adam, adamW, sgd } from '../../src/training/optimisers.js';
import type { Optimiser } from '../../src/training/optimisers.js';
import { constantRate } from '../../src/training/schedules.js';
import { evaluationModel, loopModel, stepModel } from '../../src/training/step-graph.js';
import { createTrainStep } from '../../src/training/train-step.js';
import { checkWithOnnx } from '../support/python.js';
import { assertClose, fixture, typedArray } from './fixtures.js';
import type { PackedTensor } from './fixtures.js';
import { smallNetwork } from './small-network.js';

interface Runs {
  readonly batches: readonly Readonly<Record<string, PackedTensor>>[];
  readonly runs: readonly {
    readonly optimiser: string;
    readonly clipNorm: number | null;
    readonly start: Readonly<Record<string, PackedTensor>>;
    readonly losses: readonly number[];
    readonly gradNorms: readonly number[];
    readonly end: Readonly<Record<string, readonly number[]>>;
  }[];
}

// `as`: the script that wrote the file is its schema.
const { batches: packedBatches, runs } = fixture('runs.json') as Runs;
const rates: Readonly<Record<string, readonly [Optimiser, number]>> = {
  sgd: [sgd(), 0.1],
  momentum: [sgd({ momentum: 0.9 }), 0.05],
  adam: [adam(), 0.01],
  adamW: [adamW({ weightDecay: 0.1 }), 0.01],
};

describe('a run of ten steps', () => {
  for (const run of runs) {
    it(`of ${run.optimiser}${run.clipNorm === null ? '' : ', clipped'}, the last batch smaller, agrees with PyTorch`, async () => {
      const [optimiser, rate] = rates[run.optimiser]!;
      const clip = run.clipNorm === null ? {} : { clipNorm: run.clipNorm };
      const training = await createTrainStep({
        network: smallNetwork(),
        loss: softmaxCrossEntropy(),
        optimiser,
        rate: constantRate(rate),
        seed: 0,
        ...clip,
      });
      try {
        const zeros = Object.entries(training.state().tensors).map(
          ([name, data]) => [name, data.map(() => 0)] as const,
        );
        const start = Object.entries(run.start).map(
          ([name, packed]) => [name, Float32Array.from(packed.data)] as const,
        );
        training.load({ step: 0, tensors: Object.fromEntries([...zeros, ...start]) });
        const batches = packedBatches.map((batch) =>
          Object.fromEntries(Object.entries(batch).map(([name, packed]) => [name, typedArray(packed)])),
        );
        const results = await training.steps(batches);
        assertClose(
          results.map(({ loss }) => loss),
          run.losses,
          1e-5,
          'loss',
        );
        assertClose(
          results.map(({ gradNorm }) => gradNorm),
          run.gradNorms,
          1e-4,
          'norm',
        );
        for (const [name, data] of Object.entries(training.weights())) assertClose(data, run.end[name]!, 2e-5, name);
      } finally {
        await training.release();
      }
    });
  }

  it('is made of models that onnx.checker accepts', async function () {
    const training = {
      network: smallNetwork(0.5),
      loss: softmaxCrossEntropy(),
      optimiser: adamW(),
      clipNorm: 1,
      sampleWeights: true,
    };
    const folder = mkdtempSync(join(tmpdir(), 'trainyard-step-'));
    try {
      const { partBytes, bytes } = accumulationModel(training);
      const models = [
        stepModel(training).bytes,
        loopModel(training).bytes,
        partBytes,
        bytes,
        evaluationModel(training),
      ];
      const files = models.map((bytes, index) => {
        writeFileSync(join(folder, `${index}.onnx`), bytes);
        return join(folder, `${index}.onnx`);
      });
      await checkWithOnnx(this, files);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
