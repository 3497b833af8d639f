/** A batch in parts gives what the whole batch gives, whatever the sizes and weights of the parts. @module */
import assert from 'node:assert/strict';
import { sha256 } from '../../src/artifacts/digest.js';
import { dropoutMask } from '../../src/data/philox.js';
import {
  binaryCrossEntropy,
  huber,
  type Loss,
  meanSquaredError,
  softmaxCrossEntropy,
} from '../../src/training/losses.js';
import { adamW, sgd } from '../../src/training/optimisers.js';
import { cosineRate } from '../../src/training/schedules.js';
import type { StepResult } from '../../src/training/step-runner.js';
import { encodeTensors } from '../../src/training/tensor-file.js';
import { createTrainStep, type TrainState, type TrainStepOptions } from '../../src/training/train-step.js';
import { type SmallBatch, smallBatches, smallNetwork } from './small-network.js';

type WeightedBatch = SmallBatch & { readonly weight: Float32Array };

/** Twelve batches of eight rows, the last of five; the first rows of each have no weight. */
const batches = smallBatches(12).map((batch): WeightedBatch => {
  const weight = Float32Array.from(batch.ids, (_, row) => (row < 3 ? 0 : 1 + row / 4));
  return { ...batch, weight };
});

interface Trained {
  readonly state: TrainState;
  readonly results: readonly StepResult[];
}

async function train(
  changes: Partial<TrainStepOptions>,
  { from, rows = batches }: { readonly from?: TrainState; readonly rows?: readonly WeightedBatch[] } = {},
): Promise<Trained> {
  const training = await createTrainStep({
    network: smallNetwork(0.25),
    loss: softmaxCrossEntropy(),
    optimiser: adamW(),
    rate: cosineRate({ rate: 0.01, steps: 20 }),
    seed: 7,
    clipNorm: 1,
    sampleWeights: true,
    ...changes,
  });
  try {
    if (from) training.load(from);
    const results = await training.steps(rows.slice(from?.step ?? 0));
    return { state: structuredClone(training.state()), results };
  } finally {
    await training.release();
  }
}

/** Greatest difference within a tensor, relative to its greatest value. */
function difference(one: TrainState, other: TrainState): number {
  const each = Object.entries(one.tensors).map(([name, values]) => {
    const others = other.tensors[name] ?? new Float32Array();
    const size = values.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0);
    return values.reduce((most, value, at) => Math.max(most, Math.abs(value - (others[at] ?? NaN))), 0) / (size || 1);
  });
  return Math.max(...each);
}

const digest = ({ tensors }: TrainState) => sha256(encodeTensors(tensors));

describe('a batch in micro-batches', () => {
  for (const microBatches of [2, 3, 5, 8, 100])
    it(`of up to ${microBatches} parts gives the parameters, moments, losses and norms of the whole batch`, async () => {
      const whole = await train({});
      const parts = await train({ microBatches });
      assert.ok(difference(parts.state, whole.state) < 1e-5, String(difference(parts.state, whole.state)));
      parts.results.forEach(({ loss, gradNorm }, index) => {
        assert.ok(Math.abs(loss / whole.results[index]!.loss - 1) < 1e-5);
        assert.ok(Math.abs(gradNorm / whole.results[index]!.gradNorm - 1) < 1e-5);
      });
    });

  const losses: [Loss, (batch: SmallBatch) => SmallBatch['target'] | Float32Array][] = [
    [softmaxCrossEntropy({ classWeights: [1, 2, 3, 0.5] }), ({ target }) => target],
    [meanSquaredError(), ({ target }) => Float32Array.from({ length: target.length * 4 }, (_, at) => Math.cos(at))],
    [huber(), ({ target }) => Float32Array.from({ length: target.length * 4 }, (_, at) => 3 * Math.cos(at))],
    [
      binaryCrossEntropy({ classWeights: [1, 4] }),
      ({ target }) => Float32Array.from({ length: target.length * 4 }, (_, at) => at % 2),
    ],
  ];
  for (const [loss, targetOf] of losses)
    it(`weighs classes and rows as the whole batch does: ${loss.name}`, async () => {
      // The shapes of the other losses' targets are those of the outputs.
      const rows = batches.map((batch) => ({ ...batch, target: targetOf(batch) }) as WeightedBatch);
      const changes = { loss, optimiser: sgd({ momentum: 0.9 }) };
      const [whole, parts] = [await train(changes, { rows }), await train({ ...changes, microBatches: 3 }, { rows })];
      assert.ok(difference(parts.state, whole.state) < 1e-5, String(difference(parts.state, whole.state)));
    });

  it('gives the same bytes each time, and after its state was saved and loaded elsewhere in mid-run', async () => {
    const unbroken = await train({ microBatches: 3 });
    const first = await train({ microBatches: 3 }, { rows: batches.slice(0, 5) });
    const resumed = await train({ microBatches: 3 }, { from: first.state });
    assert.equal(digest(resumed.state), digest(unbroken.state));
    assert.equal(digest((await train({ microBatches: 3 })).state), digest(unbroken.state));
  });

  it('goes on from a state that whole batches left', async () => {
    const first = await train({}, { rows: batches.slice(0, 5) });
    const whole = await train({}, { from: first.state });
    const parts = await train({ microBatches: 4 }, { from: first.state });
    assert.ok(difference(parts.state, whole.state) < 1e-5);
  });

  it('drops the same units as the whole batch: a part of a mask is that part of the whole', () => {
    const address = { seed: 7, purpose: 2, step: 3, layer: 1 };
    const whole = dropoutMask(address, 0.25, new Float32Array(40));
    for (const [from, to] of [
      [0, 7],
      [7, 21],
      [21, 40],
    ] as const)
      assert.deepEqual(dropoutMask(address, 0.25, new Float32Array(to - from), from), whole.slice(from, to));
  });
});
