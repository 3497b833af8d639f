/** What checkpoints cost, and how soon work goes on after a worker was killed or asked to stop. @module */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openFileStore } from '../src/artifacts/file-store.js';
import { TrainingState } from '../src/contracts/training-state.js';
import { randomUniform } from '../src/data/philox.js';
import { startAttempt } from '../src/records/attempt-log.js';
import { openCheckpoints } from '../src/records/checkpoints.js';
import { newToken } from '../src/records/layout.js';
import type { Network } from '../src/training/layers.js';
import { type LoopBatch, trainLoop } from '../src/training/loop.js';
import { softmaxCrossEntropy } from '../src/training/losses.js';
import { adam } from '../src/training/optimisers.js';
import { constantRate } from '../src/training/schedules.js';
import { createTrainStep, type TrainStep } from '../src/training/train-step.js';
import { benchBackgroundCheckpoints } from './background-checkpoints.js';
import { type Measurement, median } from './measurement.js';
import { walking } from './project/contracts.js';
import { type BenchStack, withStack } from './stack.js';

/** Bars: 3 %; 1 % in the background; heartbeat timeout (3 s here) + 5 s; one interval; 3 s. */
export async function benchCheckpoint(): Promise<Measurement[]> {
  const share = await overhead();
  const background = await benchBackgroundCheckpoints();
  return withStack(
    ['pipelines', 'cpu', 'cpu'],
    async (stack) => {
      const killed = await goOn(stack, 'SIGKILL', 3);
      const drained = await goOn(stack, 'SIGTERM', 3);
      return [
        { name: 'checkpoints at the default interval', value: share * 100, unit: '% of the time' },
        ...background,
        { name: 'killed -9 to first new step (heartbeat 3 s)', value: killed.waitMs, unit: 'ms' },
        { name: 'killed -9, work lost at most', value: killed.lostSteps / saveEvery, unit: 'checkpoint intervals' },
        { name: 'drained to first new step', value: drained.waitMs, unit: 'ms' },
      ];
    },
    ['cpu'],
  );
}

const trainingSeconds = 20;

/** The share of its time that a training of the MLP 784-256-128-10 spends on saving to a file store, by the default clock. */
async function overhead(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-bench-checkpoints-'));
  const training = await createTrainStep({
    network: mlp,
    loss: softmaxCrossEntropy(),
    optimiser: adam(),
    rate: constantRate(1e-3),
    seed: 7,
  });
  try {
    const { save, savingMs } = await measuredSaves(folder, training);
    const start = performance.now();
    const checkpoints = { latest: () => Promise.resolve(undefined), pending: false, save };
    const { signal } = new AbortController();
    const quiet = { track: { metrics: ignore }, progress: ignore, log: { info: ignore, warn: ignore }, signal };
    await trainLoop(
      { ...quiet, checkpoints },
      { training, steps: Infinity, batches: () => batches(start), reportEvery: 100 },
    );
    return savingMs() / (performance.now() - start);
  } finally {
    await training.release();
    await rm(folder, { recursive: true });
  }
}

/** Saves as an attempt does; a save is measured from the moment in which the loop asks for the tensors. */
async function measuredSaves(folder: string, training: TrainStep) {
  const store = await openFileStore(folder);
  const stageKey = `bench/train-${randomUUID()}`;
  const token = newToken({ generation: 0, scheduledMs: Date.now(), attempt: 1 });
  const { log, attempt } = await startAttempt({ store, stageKey, token, worker: 'bench' });
  const checkpoints = await openCheckpoints({ store, stageKey, token, attempt, state: TrainingState, log });
  let began = 0;
  let spentMs = 0;
  const state = training.state.bind(training);
  training.state = () => {
    began = performance.now();
    return state();
  };
  const save = async (at: TrainingState, files: Readonly<Record<string, readonly Uint8Array[]>>) => {
    const whole = Object.entries(files).map(([name, pieces]) => [name, Buffer.concat(pieces)] as const);
    await checkpoints.save(at, Object.fromEntries(whole));
    spentMs += performance.now() - began;
  };
  return { save, savingMs: () => spentMs };
}

const mlp: Network = {
  inputs: { x: { dtype: 'float32', shape: ['batch', 784] } },
  forward: (layers, { x }) => {
    const wide = layers.ops.relu(layers.dense('wide', x!, 256));
    return layers.dense('out', layers.ops.relu(layers.dense('narrow', wide, 128)), 10);
  },
};

async function* batches(start: number): AsyncGenerator<LoopBatch, void> {
  const x = randomUniform({ seed: 1 }, new Float32Array(128 * 784));
  const target = BigInt64Array.from({ length: 128 }, (_, row) => BigInt(row % 10));
  const next = { epoch: 0, group: 0, offset: 0 };
  while (performance.now() - start < trainingSeconds * 1_000) {
    yield { feeds: { x, target }, next };
    await Promise.resolve();
  }
}

const saveEvery = 10;

/**
 * Milliseconds between the signal to the worker that walks and the next attempt's first step, the median of some runs; and the
 * most steps that were done before the signal and again after it.
 */
async function goOn({ pipelines, stack }: BenchStack, signal: NodeJS.Signals, rounds: number) {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-bench-walk-'));
  const waits: number[] = [];
  let lostSteps = 0;
  for (let round = 0; round < rounds; round++) {
    const journal = join(folder, `${round}.txt`);
    const input = { steps: 60, stepMs: 100, saveEvery, journal };
    const run = await pipelines.start(walking, { workflowId: randomUUID(), input });
    const worker = await walkingWorker(() => run.status());
    const signalledAtMs = Date.now();
    process.kill(worker, signal);
    await stack.startWorker('cpu');
    const { firstStepAtMs, attempt, resumedAt } = await run.result();
    if (attempt !== 2) throw new Error(`the walk took ${attempt} attempts`);
    waits.push(firstStepAtMs - signalledAtMs);
    // A step that was lost stands twice in the journal: 60 lines, and one for each of them.
    lostSteps = Math.max(lostSteps, (await readFile(journal, 'utf8')).trim().split('\n').length - input.steps);
    if (resumedAt === 0) throw new Error('the walk began afresh');
  }
  await rm(folder, { recursive: true });
  return { waitMs: median(waits), lostSteps };
}

/** Process id of the worker whose attempt has made some steps. */
async function walkingWorker(
  status: () => ReturnType<Awaited<ReturnType<BenchStack['pipelines']['start']>>['status']>,
): Promise<number> {
  for (;;) {
    const [stage] = (await status()).stages;
    if (stage?.worker !== undefined && (stage.progress?.done ?? 0) >= 15) return Number(stage.worker.split('-').at(-1));
    await delay(50);
  }
}

function ignore(): void {
  // Nobody watches this training.
}
