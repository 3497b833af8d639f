import fc from 'fast-check';
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../src/artifacts/digest.js';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { classifyError } from '../../src/context/stage-failure.js';
import { softmaxCrossEntropy } from '../../src/training/losses.js';
import {
  type LoopBatch,
  type LoopOptions,
  type LoopResult,
  type LoopStart,
  trainLoop,
} from '../../src/training/loop.js';
import { adamW } from '../../src/training/optimisers.js';
import { constantRate, type Schedule } from '../../src/training/schedules.js';
import { encodeTensors } from '../../src/training/tensor-file.js';
import { createTrainStep, type TrainStep } from '../../src/training/train-step.js';
import { Attempts, Killed } from './attempts.js';
import { smallBatches, smallNetwork } from './small-network.js';

const epoch = smallBatches(5);

/** Twelve epochs of five batches, from any position. */
async function* batches({ position }: LoopStart): AsyncGenerator<LoopBatch> {
  await Promise.resolve();
  for (let { epoch: at, offset } = position; at < 12; at++, offset = 0)
    for (; offset < epoch.length; offset++) {
      const last = offset === epoch.length - 1;
      const next = { epoch: last ? at + 1 : at, group: 0, offset: last ? 0 : offset + 1 };
      yield { feeds: epoch[offset] ?? {}, next };
    }
}

describe('trainLoop', () => {
  const opened: TrainStep[] = [];
  afterEach(async () => {
    for (const training of opened.splice(0)) await training.release();
  });

  async function open(options: { rate?: Schedule; stepsPerRun?: number } = {}): Promise<TrainStep> {
    const { rate = constantRate(0.01), stepsPerRun = 3 } = options;
    const loss = softmaxCrossEntropy();
    const parts = { network: smallNetwork(0.2), loss, optimiser: adamW(), rate, seed: 7 };
    const training = await createTrainStep({ ...parts, stepsPerRun });
    opened.push(training);
    return training;
  }

  /** The loss on the first batch, every seven steps. */
  const validationOf = (training: TrainStep, patience?: number) => ({
    every: 7,
    patience,
    run: async () => {
      const { loss } = await training.evaluate(epoch[0] ?? {});
      return { objective: loss, metrics: { validationLoss: loss } };
    },
  });

  async function runOnce(
    attempts: Attempts,
    fate: Parameters<Attempts['next']>[0] = {},
    options: Partial<LoopOptions> = {},
  ): Promise<LoopResult> {
    const training = options.training ?? (await open());
    return trainLoop(await attempts.next(fate), {
      training,
      batches,
      steps: 60,
      validation: validationOf(training),
      checkpointEvery: { steps: 4 },
      ...options,
    });
  }

  const digest = ({ best, last }: LoopResult) => sha256(encodeTensors(best)) + sha256(encodeTensors(last));

  it('trains to the last step, validates on the way and after it, and keeps the best weights', async () => {
    const attempts = new Attempts(new MemoryStore());
    const result = await runOnce(attempts);
    assert.equal(result.steps, 60);
    assert.equal(result.epochs, 12);
    const validated = [...attempts.curves].filter(([, values]) => values['validationLoss'] !== undefined);
    assert.deepEqual(
      validated.map(([step]) => step),
      [7, 14, 21, 28, 35, 42, 49, 56, 60],
    );
    const lowest = Math.min(...validated.map(([, values]) => values['validationLoss'] ?? NaN));
    assert.equal(result.validation['validationLoss'], lowest);
    assert.equal(attempts.curves.get(result.bestStep)?.['validationLoss'], lowest);
    assert.equal(attempts.curves.size, 60);
  });

  it('gives the same bytes and the same curves, however often it was killed or stopped, and wherever', async () => {
    const whole = new Attempts(new MemoryStore());
    const unbroken = digest(await runOnce(whole));
    const fates = fc.array(
      fc.oneof(
        fc.integer({ min: 1, max: 40 }).map((killedAfter) => ({ killedAfter })),
        fc.integer({ min: 1, max: 40 }).map((stoppedAfter) => ({ stoppedAfter })),
      ),
      { minLength: 1, maxLength: 4 },
    );
    const attempt = async (attempts: Attempts, fate?: { killedAfter?: number; stoppedAfter?: number }) => {
      try {
        return digest(await runOnce(attempts, fate));
      } catch (error) {
        assert.ok(error instanceof Killed || (error instanceof Error && error.message === 'drained'), String(error));
        return undefined;
      }
    };
    const check = async (store: ArtifactStore, ends: readonly { killedAfter?: number; stoppedAfter?: number }[]) => {
      const attempts = new Attempts(store);
      for (const end of ends) await attempt(attempts, end);
      assert.equal(await attempt(attempts), unbroken);
      assert.deepEqual(
        [...attempts.curves].sort(([a], [b]) => a - b),
        [...whole.curves],
      );
    };
    await fc.assert(
      fc.asyncProperty(fates, (ends) => check(new MemoryStore(), ends)),
      { numRuns: 8 },
    );
    const folder = await mkdtemp(join(tmpdir(), 'trainyard-loop-'));
    await check(await openFileStore(folder), [{ killedAfter: 11 }, { stoppedAfter: 9 }, { killedAfter: 1 }]);
    await rm(folder, { recursive: true });
  }).timeout(60_000);

  it('saves a checkpoint of the very step at which it is asked to stop, then throws the reason', async () => {
    const attempts = new Attempts(new MemoryStore());
    await assert.rejects(runOnce(attempts, { stoppedAfter: 6 }, { checkpointEvery: { steps: 1000 } }), /drained/);
    const context = await attempts.next();
    assert.equal((await context.checkpoints.latest())?.state.step, 6);
  });

  it('trains nothing again when only the end of the stage was lost', async () => {
    const attempts = new Attempts(new MemoryStore());
    const first = await runOnce(attempts);
    const none = { batches: () => assert.fail('batches were asked for') };
    assert.equal(digest(await runOnce(attempts, {}, none)), digest(first));
  });

  it('trains no step more when it was stopped at the last one', async () => {
    const attempts = new Attempts(new MemoryStore());
    const training = await open();
    const stopped = { training, validation: undefined };
    await assert.rejects(runOnce(attempts, { stoppedAfter: 60 }, stopped), /drained/);
    const result = await runOnce(attempts, {}, stopped);
    assert.equal(result.steps, 60);
    assert.equal(attempts.curves.size, 60);
  });

  it('stops when the validation gains nothing more, with the weights of the best one', async () => {
    const attempts = new Attempts(new MemoryStore());
    const training = await open();
    const objectives = [3, 2, 2.5, 2, 1];
    const weights: string[] = [];
    const run = async () => {
      await Promise.resolve();
      weights.push(sha256(encodeTensors(training.weights())));
      return { objective: objectives[weights.length - 1] ?? NaN, metrics: {} };
    };
    const result = await runOnce(attempts, {}, { training, validation: { every: 7, patience: 2, run } });
    assert.equal(result.steps, 28);
    assert.equal(result.bestStep, 14);
    assert.equal(sha256(encodeTensors(result.best)), weights[1]);
    assert.equal(sha256(encodeTensors(result.last)), weights[3]);
    const none = { batches: () => assert.fail('batches were asked for') };
    assert.equal(digest(await runOnce(attempts, {}, none)), digest(result));
  });

  it('ends where the batches end', async () => {
    const result = await runOnce(new Attempts(new MemoryStore()), {}, { steps: 1000 });
    assert.equal(result.steps, 60);
  });

  it('validates at the very steps, also where one run of the session makes several', async () => {
    const attempts = new Attempts(new MemoryStore());
    const training = await open({ stepsPerRun: 16 });
    await runOnce(attempts, {}, { training, validation: validationOf(training) });
    const validated = [...attempts.curves].filter(([, values]) => values['validationLoss'] !== undefined);
    assert.deepEqual(
      validated.map(([step]) => step),
      [7, 14, 21, 28, 35, 42, 49, 56, 60],
    );
  });

  it('says that it diverged when the loss is not finite, and saves nothing of it', async () => {
    const attempts = new Attempts(new MemoryStore());
    const training = await open({ stepsPerRun: 1 });
    async function* broken(from: LoopStart): AsyncGenerator<LoopBatch> {
      let step = 0;
      for await (const batch of batches(from))
        yield ++step < 10 ? batch : { ...batch, feeds: { ...batch.feeds, x: new Float32Array(15).fill(NaN) } };
    }
    const options = { training, batches: broken, checkpointEvery: { steps: 1 } };
    const failure: unknown = await runOnce(attempts, {}, options).catch((error: unknown) => error);
    const { failureClass, message } = classifyError(failure);
    assert.match(message, /at step 10 the loss is NaN .*\[TY1510\]$/);
    assert.equal(failureClass, 'Diverged');
    assert.equal(attempts.saved, 9);
  });

  it('does not save parameters that the last update broke, though the loss before it was fine', async () => {
    const attempts = new Attempts(new MemoryStore());
    const training = await open({ stepsPerRun: 1, rate: (step) => (step === 9 ? Infinity : 0.01) });
    const failure: unknown = await runOnce(attempts, {}, { training, checkpointEvery: { steps: 1 } }).catch(
      (error: unknown) => error,
    );
    const { failureClass, message } = classifyError(failure);
    assert.match(message, /after step 9 values of .* are not finite.*TY1510/);
    assert.equal(failureClass, 'Diverged');
    assert.equal(attempts.saved, 8);
  });

  it('passes on what a batch has wrong, naming column, row and id', async () => {
    const feeds = { ...epoch[0], ids: BigInt64Array.from([0n, 1n, 2n, 9n, 0n, 0n, 0n, 0n]) };
    async function* outOfRange(): AsyncGenerator<LoopBatch> {
      await Promise.resolve();
      yield { feeds, next: { epoch: 0, group: 0, offset: 1 } };
    }
    const run = runOnce(new Attempts(new MemoryStore()), {}, { batches: outOfRange });
    await assert.rejects(run, /column ids: id 9 in row 3 is outside of 0 … 4.*TY1506/);
  });

  it('warns when it goes on with other numerics', async () => {
    const attempts = new Attempts(new MemoryStore());
    await assert.rejects(runOnce(attempts, { stoppedAfter: 6 }));
    const context = await attempts.next();
    const latest = await context.checkpoints.latest();
    assert.ok(latest);
    const elsewhere = { ...latest, numerics: { ...latest.numerics, threads: 64 } };
    const training = await open();
    const checkpoints = { ...context.checkpoints, latest: () => Promise.resolve(elsewhere) };
    await trainLoop({ ...context, checkpoints }, { training, batches, steps: 60 });
    assert.deepEqual(attempts.warnings, ['resumed on different numerics: threads: 64 became 2']);
  });
});
