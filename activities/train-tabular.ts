/** The stage `train` for tables, in a child process: one network on ONNX Runtime, from raw rows to the served model. @module */
import { sha256 } from '../src/artifacts/digest.js';
import type { StageContext } from '../src/context/stage-context.js';
import { classifyError } from '../src/context/stage-failure.js';
import { TrainyardError } from '../src/contracts/errors.js';
import type { ModelManifest } from '../src/contracts/manifests.js';
import type { ModelRef } from '../src/contracts/refs.js';
import type { TrainingState } from '../src/contracts/training-state.js';
import type { TrainTabularContract, TrainTabularInput, TrainTabularOutput } from '../src/stages/train-tabular.js';
import { rocAuc } from '../src/statistics/ranking.js';
import { rootMeanSquaredError } from '../src/statistics/regression.js';
import { defineTrainer, type Trainer } from '../src/trainer/define-trainer.js';
import { RowEncoder } from '../src/training/encode-rows.js';
import type { Batch } from '../src/training/feeds.js';
import { trainLoop } from '../src/training/loop.js';
import { adamW } from '../src/training/optimisers.js';
import {
  answersOf,
  type Head,
  lossOf,
  outputColumns,
  servedModel,
  tabularNetwork,
} from '../src/training/tabular-model.js';
import { evaluationFeeds, rowsOfSplit, surveyRows, tabularBatches } from '../src/training/tabular-rows.js';
import { encodeTensors } from '../src/training/tensor-file.js';
import { createTrainStep, type TrainStep, type TrainStepOptions } from '../src/training/train-step.js';
import { parityRows, paritySamples } from './training/parity-rows.js';
import { fittedParts, scheduleOf, tableOf } from './training/tabular-parts.js';

type TrainContext = StageContext<TrainTabularInput, TrainingState>;

/** Rows that a served model is compared on. */
const sampledRows = 1000;

/**
 * The trainer of a contract that `trainTabularStage` made: the default export of the child's module.
 * @example export default tabularTrainer(contracts.train);
 */
export function tabularTrainer(contract: TrainTabularContract): Trainer<TrainTabularContract> {
  return defineTrainer(contract, train);
}

async function train(context: TrainContext): Promise<TrainTabularOutput> {
  const { input, data, artifacts, track } = context;
  const seed = input.seed ?? context.seed;
  const table = tableOf(input);
  const survey = await surveyRows(context, table, sampledRows);
  const { preprocessing, head } = fittedParts(input, table, survey);
  const network = tabularNetwork(preprocessing, input);
  const encoding = { encoder: new RowEncoder(preprocessing), head };
  const epochSteps = Math.ceil(rowsOfSplit(table, table.split) / input.batchSize);
  const steps = input.epochs * epochSteps;
  const held = survey.held.map((rows) => evaluationFeeds(table, rows, encoding));
  const training = await openTraining(context, {
    network,
    loss: lossOf(head),
    optimiser: adamW({ weightDecay: input.weightDecay }),
    sampleWeights: true,
    clipNorm: input.clipNorm,
    rate: scheduleOf(input, steps),
    seed,
    threads: input.threads,
    microBatches: input.microBatches,
  });
  try {
    track.params({ task: head.task, rows: survey.rows, steps, seed, provider: training.numerics.provider });
    const validation = {
      every: input.validateEvery ?? epochSteps,
      patience: input.patience,
      run: () => validate(training, held, head),
    };
    const result = await trainLoop(context, {
      training,
      steps,
      batches: (from) => tabularBatches(data, table, { ...input, ...encoding, seed }, from),
      checkpointEvery: input.checkpointEvery,
      validation: held.length > 0 ? validation : undefined,
    });

    const graph = await artifacts.put(servedModel({ network, preprocessing, head }, result.best));
    const inputs = [...table.features];
    const outputs = outputColumns(head);
    const numerics = { ...training.numerics, seed };
    const manifest: ModelManifest = { version: 1, graph, inputs, outputs, dataset: input.dataset.sha256, numerics };
    const model: ModelRef = { ...(await artifacts.putJson(manifest)), kind: 'model', inputs, outputs };

    training.load({ step: result.bestStep, tensors: { ...training.state().tensors, ...result.best } });
    const samples = parityRows(survey.first, preprocessing);
    const { output } = await training.evaluate(evaluationFeeds(table, samples, encoding));
    const parity = await artifacts.putJson(paritySamples(model, samples, answersOf(head, output)));
    const { bestStep, epochs, validation: metrics } = result;
    const weights = sha256(encodeTensors(result.best));
    return { model, parity, steps: result.steps, epochs, bestStep, validation: { ...metrics }, weights };
  } finally {
    await training.release();
  }
}

/** On the attempt's GPU where it has one and ONNX Runtime can use it, else on the CPU. */
async function openTraining({ devices, log }: TrainContext, options: TrainStepOptions): Promise<TrainStep> {
  if (devices.length > 0) {
    try {
      return await createTrainStep({ ...options, provider: 'cuda' });
    } catch (error) {
      if (!(error instanceof TrainyardError && error.code === 'TY1508')) throw error;
      // A GPU that is full or broken is not one that ONNX Runtime cannot use.
      const failure = classifyError(error.cause);
      if (failure.failureClass !== 'Failed') throw failure;
      log.warn(`trains on the CPU: ${error.what}`);
    }
  }
  return createTrainStep(options);
}

/** Loss and one measure over the rows that were held out, in the target's unit. */
async function validate(training: TrainStep, held: readonly Batch[], head: Head) {
  let loss = 0;
  let weights = 0;
  const targets: number[] = [];
  const outputs: number[] = [];
  for (const batch of held) {
    const evaluation = await training.evaluate(batch);
    loss += evaluation.loss * evaluation.weight;
    weights += evaluation.weight;
    targets.push(...(batch['target'] as Float32Array)); // evaluationFeeds made it
    outputs.push(...evaluation.output);
  }
  const validationLoss = loss / weights;
  if (!outputs.every(Number.isFinite)) return { objective: validationLoss, metrics: { validationLoss } };
  if (head.task === 'regression') {
    const rmse = rootMeanSquaredError(targets, outputs) * head.deviation;
    return { objective: validationLoss, metrics: { validationLoss, rmse } };
  }
  const both = targets.includes(0) && targets.includes(1);
  const metrics = { validationLoss, ...(both && { auc: rocAuc(targets, outputs) }) };
  return { objective: validationLoss, metrics };
}
