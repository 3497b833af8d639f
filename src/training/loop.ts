/** The loop of training: any step, any source of batches; validation, best weights, early stopping, resume. @module */
import { readFile } from 'node:fs/promises';
import { TrainyardError } from '../contracts/errors.js';
import type { TrainingState } from '../contracts/training-state.js';
import type { BatchPosition } from '../data/data-access.js';
import { CheckpointClock } from './checkpoint-clock.js';
import type { CheckpointEvery } from './checkpoint-clock.js';
import type { Batch } from './feeds.js';
import { firstNotFinite } from './finite.js';
import { numericsDifferences } from './numerics.js';
import type { StepResult } from './step-runner.js';
import { decodeTensors, tensorPieces } from './tensor-file.js';
import type { Tensors } from './tensor-file.js';
import type { TrainStep } from './train-step.js';

/** The part of a stage's context that the loop uses: a trainer passes its own. */
export interface LoopContext {
  readonly checkpoints: {
    latest(): Promise<
      | {
          readonly state: TrainingState;
          readonly numerics: Readonly<Record<string, unknown>>;
          file(name: string): Promise<string>;
        }
      | undefined
    >;
    readonly pending: boolean;
    save(
      state: TrainingState,
      files: Readonly<Record<string, readonly Uint8Array[]>>,
      options: { readonly numerics: Readonly<Record<string, string | number | string[]>> },
    ): Promise<void>;
  };
  readonly track: { metrics(values: Readonly<Record<string, number>>, at: { readonly step: number }): void };
  progress(done: number, total: number | undefined, unit: string): void;
  readonly log: { info(message: string): void; warn(message: string): void };
  readonly signal: AbortSignal;
}

/** A batch, and where the one after it starts. It stays as it is until {@link TrainStep.stepsPerRun} more were taken. */
export interface LoopBatch {
  readonly feeds: Batch;
  readonly next: BatchPosition;
}

/** Where a source of batches begins: after so many steps, at that position. */
export interface LoopStart {
  readonly step: number;
  readonly position: BatchPosition;
}

/** How the weights do on rows that they are not trained on. */
export interface Validation {
  /** Once every so many steps, and after the last. */
  readonly every: number;
  /** Validations in a row without a lower objective that end the training. @default never */
  readonly patience?: number | undefined;
  /** `objective`: the lower, the better; `metrics` become points of curves. */
  run(): Promise<{ readonly objective: number; readonly metrics: Readonly<Record<string, number>> }>;
}

export interface LoopOptions {
  readonly training: TrainStep;
  /** A pure function of its argument: a resumed loop must get the batches that an unbroken one gets. */
  batches(from: LoopStart): AsyncIterable<LoopBatch>;
  /** Steps in all; fewer where the batches end before. */
  readonly steps: number;
  readonly validation?: Validation | undefined;
  /** @default { seconds: 2 } */
  readonly checkpointEvery?: CheckpointEvery;
  /** Steps for each point of the loss curve, which shows their mean. @default a 500th of `steps` */
  readonly reportEvery?: number;
}

export interface LoopResult {
  readonly steps: number;
  /** Whole epochs that were trained. */
  readonly epochs: number;
  /** The step of the best validation; the last one without validation. */
  readonly bestStep: number;
  /** Metrics of that validation; empty without. */
  readonly validation: Readonly<Record<string, number>>;
  /** Parameters after `bestStep`. */
  readonly best: Tensors;
  /** Parameters after the last step. */
  readonly last: Tensors;
}

const firstState: TrainingState = {
  step: 0,
  position: { epoch: 0, group: 0, offset: 0 },
  window: { sum: 0, steps: 0 },
  best: null,
  validationsWithoutGain: 0,
  finished: false,
};

/**
 * Trains until the steps are done, the batches end or the validation gains nothing more, saving checkpoints on the way and
 * continuing from the newest: the weights are the same bytes as those of a loop that was never stopped. When the signal is
 * aborted it saves a checkpoint and throws the signal's reason.
 * @throws TY1510 the loss, its gradient or, at a checkpoint, a parameter is not finite: nothing is saved of that step, and the
 * attempt has `Diverged`
 * @example
 * const training = await createTrainStep({ network, loss: softmaxCrossEntropy(), optimiser: adam(), rate: constantRate(1e-3), seed });
 * const { best } = await trainLoop(context, { training, steps: 5000, batches: ({ position }) => digits(position) });
 */
export async function trainLoop(context: LoopContext, options: LoopOptions): Promise<LoopResult> {
  const { training, validation, steps, reportEvery = Math.ceil(steps / 500) } = options;
  let { state, best } = await resumed(context, training);
  const clock = new CheckpointClock(options.checkpointEvery ?? { seconds: 2 }, state.step);

  const save = () =>
    clock.timed(state.step, () => {
      // The loss was of the weights before the last update.
      const odd = firstNotFinite(training.weights());
      if (odd !== undefined)
        throw new TrainyardError('TY1510', `after step ${state.step} values of ${odd} are not finite`);
      const files = { state: tensorPieces(training.state().tensors), ...(best && { best: tensorPieces(best) }) };
      return context.checkpoints.save(state, files, { numerics: { ...training.numerics } });
    });
  const record = ({ step, loss, gradNorm }: StepResult): void => {
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm))
      throw new TrainyardError('TY1510', `at step ${step} the loss is ${loss} and its gradient's norm ${gradNorm}`);
    const window = { sum: state.window.sum + loss, steps: state.window.steps + 1 };
    state = { ...state, window };
    if (step % reportEvery !== 0) return;
    context.track.metrics({ loss: window.sum / window.steps, gradNorm }, { step });
    context.progress(step, steps, 'steps');
    state = { ...state, window: { sum: 0, steps: 0 } };
  };
  const validate = async (on: Validation): Promise<void> => {
    const { objective, metrics } = await on.run();
    const { step } = state;
    context.track.metrics(metrics, { step });
    const gained = Number.isFinite(objective) && objective < (state.best?.objective ?? Infinity);
    if (gained) best = copied(training.weights());
    const validationsWithoutGain = gained ? 0 : state.validationsWithoutGain + 1;
    state = { ...state, validationsWithoutGain, finished: validationsWithoutGain >= (on.patience ?? Infinity) };
    if (gained) state = { ...state, best: { step, objective, metrics: { ...metrics } } };
  };

  if (!state.finished) {
    const boundary = (step: number) => Math.min(steps, validation ? nextMultiple(step, validation.every) : steps);
    const { step, position } = state;
    // An attempt may have ended between the last step and the end.
    const source = step < steps ? options.batches({ step, position }) : [];
    for await (const batches of runsOf(source, training.stepsPerRun, step, boundary)) {
      for (const result of await training.steps(batches.map(({ feeds }) => feeds))) record(result);
      state = { ...state, step: state.step + batches.length, position: batches.at(-1)?.next ?? state.position };
      if (validation && state.step % validation.every === 0) await validate(validation);
      if (context.signal.aborted || clock.due(state.step, context.checkpoints.pending)) await save();
      context.signal.throwIfAborted();
      if (state.finished || state.step >= steps) break;
    }
    if (validation && state.step % validation.every !== 0) await validate(validation);
    state = { ...state, finished: true };
    await save();
  }
  context.progress(state.step, state.step, 'steps');
  const last = copied(training.weights());
  return {
    steps: state.step,
    epochs: state.position.epoch,
    bestStep: state.best?.step ?? state.step,
    validation: state.best?.metrics ?? {},
    best: best ?? last,
    last,
  };
}

/** The newest checkpoint, loaded; else the beginning. */
async function resumed(
  { checkpoints, log }: LoopContext,
  training: TrainStep,
): Promise<{ state: TrainingState; best: Tensors | undefined }> {
  const latest = await checkpoints.latest();
  if (!latest) return { state: firstState, best: undefined };
  const { state, numerics } = latest;
  const differences = numericsDifferences(numerics, training.numerics);
  if (differences.length > 0) log.warn(`resumed on different numerics: ${differences.join('; ')}`);
  const tensorsOf = async (name: string) => decodeTensors(await readFile(await latest.file(name)));
  training.load({ step: state.step, tensors: await tensorsOf('state') });
  log.info(`resumed after step ${state.step}`);
  return { state, best: state.best ? await tensorsOf('best') : undefined };
}

/** Batches in groups of up to `size`, never across a boundary: what happens there sees the weights of exactly that step. */
async function* runsOf(
  source: AsyncIterable<LoopBatch> | readonly LoopBatch[],
  size: number,
  step: number,
  boundary: (step: number) => number,
): AsyncGenerator<readonly LoopBatch[], void, void> {
  let run: LoopBatch[] = [];
  for await (const batch of source) {
    run.push(batch);
    if (run.length < Math.min(size, boundary(step) - step)) continue;
    step += run.length;
    yield run;
    run = [];
  }
  if (run.length > 0) yield run;
}

function nextMultiple(step: number, of: number): number {
  return (Math.floor(step / of) + 1) * of;
}

function copied(tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, values]) => [name, values.slice()]));
}
