/** Steps give the same bytes however often they are interrupted, and refuse what does not fit. @module */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'mocha';
import { TrainyardError } from '../../src/contracts/errors.js';
import type { Batch } from '../../src/training/feeds.js';
import { softmaxCrossEntropy } from '../../src/training/losses.js';
import { adam, adamW, sgd } from '../../src/training/optimisers.js';
import { constantRate, cosineRate } from '../../src/training/schedules.js';
import { createTrainStep } from '../../src/training/train-step.js';
import type { TrainState, TrainStep, TrainStepOptions } from '../../src/training/train-step.js';
import { assertClose } from './fixtures.js';
import { smallBatches, smallNetwork } from './small-network.js';

async function withStep<T>(changes: Partial<TrainStepOptions>, use: (step: TrainStep) => Promise<T>): Promise<T> {
  const training = await createTrainStep({
    network: smallNetwork(0.25),
    loss: softmaxCrossEntropy(),
    optimiser: adam(),
    rate: cosineRate({ rate: 0.01, steps: 20 }),
    seed: 7,
    clipNorm: 1,
    ...changes,
  });
  try {
    return await use(training);
  } finally {
    await training.release();
  }
}

async function trainAll(training: TrainStep, batches: readonly Batch[]): Promise<readonly number[]> {
  const losses: number[] = [];
  for (const batch of batches) losses.push((await training.step(batch)).loss);
  return losses;
}

function digest({ step, tensors }: TrainState): string {
  const hash = createHash('sha256').update(String(step));
  for (const [name, data] of Object.entries(tensors)) hash.update(name).update(data);
  return hash.digest('hex');
}

describe('a training step', () => {
  it('gives the same bytes each time, and after its state was saved and loaded elsewhere in mid-run', async () => {
    const batches = smallBatches(12);
    const train = (upTo: number) => (training: TrainStep) =>
      trainAll(training, batches.slice(0, upTo)).then(() => structuredClone(training.state()));
    const unbroken = await withStep({}, train(12));
    const again = await withStep({}, train(12));
    const half = await withStep({}, train(5));
    const resumed = await withStep({ seed: 7 }, async (training) => {
      training.load(half);
      await trainAll(training, batches.slice(5));
      return digest(training.state());
    });
    assert.equal(unbroken.step, 12);
    assert.equal(digest(again), digest(unbroken));
    assert.equal(resumed, digest(unbroken));
    assert.notEqual(digest(await withStep({ seed: 8 }, train(12))), digest(unbroken));
  });

  it('gives the same bytes at one and two threads with a table too large for a one-hot product', async () => {
    const batches = smallBatches(4);
    const network = {
      ...smallNetwork(),
      forward: (layers, { x, ids }) =>
        layers.dense('out', layers.ops.concat([x!, layers.embedding('big', ids!, { rows: 5000, width: 4 })], 1), 4),
    } satisfies TrainStepOptions['network'];
    const [one, two] = await Promise.all(
      [1, 2].map((threads) =>
        withStep({ network, threads }, (training) => trainAll(training, batches).then(() => digest(training.state()))),
      ),
    );
    assert.equal(one, two);
  });

  it('is the same in a loop of several steps for one run of the session, which ends where the batch size changes', async () => {
    const batches = smallBatches(7);
    const single = await withStep(
      {},
      async (training) => [await trainAll(training, batches), digest(training.state())] as const,
    );
    const looped = await withStep({ stepsPerRun: 4 }, async (training) => {
      const results = await training.steps(batches);
      assert.deepEqual(
        results.map(({ step }) => step),
        [1, 2, 3, 4, 5, 6, 7],
      );
      return [results.map(({ loss }) => loss), digest(training.state())] as const;
    });
    assert.deepEqual(looped, single);
  });

  it('learns, and evaluates without dropout and without changing anything', async () => {
    const batches = smallBatches(3);
    const [probe] = batches;
    await withStep({ rate: constantRate(0.02) }, async (training) => {
      const before = await training.evaluate(probe!);
      for (let epoch = 0; epoch < 60; epoch++) await trainAll(training, batches);
      const held = digest(training.state());
      const after = await training.evaluate(probe!);
      assert.equal(after.output.length, 8 * 4);
      assert.equal(after.weight, 8);
      assert.deepEqual(await training.evaluate(probe!), after);
      assert.equal(digest(training.state()), held);
      assert.ok(after.loss < before.loss / 2, `${before.loss} fell to ${after.loss} only`);
    });
  });

  it('keeps biases, norms and embeddings from decaying', async () => {
    const still = { rate: constantRate(0.1), optimiser: adamW({ weightDecay: 0.5 }), sampleWeights: true };
    await withStep(still, async (training) => {
      const before = structuredClone(training.weights());
      const [batch] = smallBatches(2);
      await training.step({ ...batch!, weight: new Float32Array(8) });
      for (const [name, data] of Object.entries(training.weights())) {
        const factor = name.endsWith('.weight') ? 0.95 : 1;
        assertClose(
          data,
          [...before[name]!].map((value) => value * factor),
          1e-7,
          name,
        );
      }
    });
  });

  it('refuses batches that do not fit, by column and value, and goes on as if nothing had happened', async () => {
    const [batch] = smallBatches(2);
    const good = batch!;
    const refused: readonly (readonly [Batch, string, RegExp])[] = [
      [{ ...good, ids: good.ids.with(3, 5n) }, 'TY1506', /^column ids: id 5 in row 3 is outside of 0 … 4\./],
      [{ ...good, ids: good.ids.with(2, -1n) }, 'TY1506', /id -1 in row 2/],
      [{ ...good, target: good.target.with(0, 4n) }, 'TY1506', /^column target: id 4 in row 0 is outside of 0 … 3/],
      [{ ids: good.ids, target: good.target }, 'TY1505', /column x is missing/],
      [{ ...good, y: good.x }, 'TY1505', /column y is not among x, ids, target/],
      [{ ...good, ids: new Float32Array(8) }, 'TY1505', /column ids must be int64, not float32/],
      [{ ...good, x: new Float32Array(21) }, 'TY1505', /column ids has 8 rows, x has 7/],
      [{ ...good, x: new Float32Array(20) }, 'TY1505', /column x has 20 elements, not a multiple of 3/],
      [
        { x: new Float32Array(0), ids: new BigInt64Array(0), target: new BigInt64Array(0) },
        'TY1505',
        /a batch has no rows/,
      ],
    ];
    await withStep({}, async (training) => {
      const held = digest(training.state());
      for (const [bad, code, message] of refused) {
        await assert.rejects(
          training.step(bad),
          (error) => error instanceof TrainyardError && error.code === code && message.test(error.message),
        );
      }
      assert.equal(digest(training.state()), held);
      assert.equal((await training.step(good)).step, 1);
    });
  });

  it('refuses the state of another model, by tensor', async () => {
    await withStep({ optimiser: sgd() }, async (training) => {
      const state = await withStep({}, (other) => Promise.resolve(structuredClone(other.state())));
      assert.throws(
        () => training.load(state),
        /state tensor table\.table:mean has 15 elements where the model has 0.*\[TY1507\]/,
      );
    });
  });

  it('says when an execution provider cannot be loaded', async function () {
    if (spawnSync('nvidia-smi', ['-L']).status === 0) this.skip();
    await assert.rejects(
      withStep({ provider: 'cuda' }, () => Promise.resolve()),
      /execution provider cuda: .*\[TY1508\]/s,
    );
  });
});
