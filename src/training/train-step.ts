/** One step of training at a time: a session, and the state that goes round in it. @module */
import { Tensor } from 'onnxruntime-node';
import type { InferenceSession } from 'onnxruntime-node';
import { TrainyardError } from '../contracts/errors.js';
import { dropoutMask } from '../data/philox.js';
import { checkBatch, rowSize } from './feeds.js';
import type { Batch } from './feeds.js';
import { firstWeights, randomPurpose } from './layers.js';
import { numericsOf } from './numerics.js';
import type { Numerics, Provider } from './numerics.js';
import type { Schedule } from './schedules.js';
import { openSession } from './session.js';
import { evaluationModel, loopModel, nextName, results, scalarName, stepModel } from './step-graph.js';
import type { Feed, StepModel, Training } from './step-graph.js';
import { floats, stack, tensorOf } from './tensors.js';

export interface TrainStepOptions extends Training {
  readonly rate: Schedule;
  /** First weights and dropout masks are a pure function of it. */
  readonly seed: number;
  /** Fixed for a run: another number may give other bytes. @default 2 */
  readonly threads?: number;
  /** @default 'cpu' */
  readonly provider?: Provider;
  /**
   * How many optimiser steps one run of the session does, at most (see {@link loopModel}); the bytes are the same. On CUDA the
   * state crosses the bus at each run; on the CPU onnxruntime-node 1.30 copies every output once more for its result, a fifth
   * of a step's time. More steps a run also mean that an abort is seen later.
   * @default 16; on the CPU 1 for networks of more than a million parameters
   */
  readonly stepsPerRun?: number;
}

export interface StepResult {
  /** Counted from 1. */
  readonly step: number;
  /** The batch's weighted mean before the update. */
  readonly loss: number;
  /** The global norm of the gradients before clipping. */
  readonly gradNorm: number;
}

export interface Evaluation {
  /** The weighted mean; over several batches it is Σ loss·weight / Σ weight. */
  readonly loss: number;
  readonly weight: number;
  /** The network's output, row-major, without dropout. */
  readonly output: Float32Array;
}

/** All that training changes: parameters by name, the optimiser's tensors as `<parameter>:<slot>`, and how many steps were done. */
export interface TrainState {
  readonly step: number;
  readonly tensors: Readonly<Record<string, Float32Array>>;
}

/**
 * Builds the graphs of a network, its loss and its optimiser, and opens their sessions. Release it at the end.
 * @example
 * const training = await createTrainStep({ network, loss: softmaxCrossEntropy(), optimiser: adam(), rate: constantRate(1e-3), seed: 7 });
 * const { loss } = await training.step({ x, target });
 * @throws TY1501–TY1504 the network cannot be built or differentiated, TY1508 the provider is not there
 */
export async function createTrainStep(options: TrainStepOptions): Promise<TrainStep> {
  const { provider = 'cpu', threads = 2 } = options;
  const device = { provider, threads };
  const single = stepModel(options);
  const { stepsPerRun = provider === 'cpu' && sizeOf(single) > 1e6 ? 1 : 16 } = options;
  const model = stepsPerRun === 1 ? single : loopModel(options);
  const session = await openSession(model.bytes, device);
  try {
    const evaluation = await openSession(evaluationModel(options), device);
    return new TrainStep(options, { model, session, evaluation, stepsPerRun }, numericsOf(device));
  } catch (error) {
    await session.release();
    throw error;
  }
}

interface Opened {
  readonly model: StepModel;
  readonly session: InferenceSession;
  readonly evaluation: InferenceSession;
  readonly stepsPerRun: number;
}

/** Made by {@link createTrainStep}. One call at a time: the next `step` starts after the last has ended. */
export class TrainStep {
  readonly numerics: Numerics;
  /** How many batches {@link steps} takes at once to use each run of the session in full. */
  readonly stepsPerRun: number;
  readonly #options: TrainStepOptions;
  readonly #opened: Opened;
  #step = 0;
  /** The state, and a spare of the same shapes that the next run writes; then they change places. Nothing here is copied. */
  #now: Record<string, Tensor>;
  #spare: Record<string, Tensor>;

  constructor(options: TrainStepOptions, opened: Opened, numerics: Numerics) {
    this.numerics = numerics;
    this.stepsPerRun = opened.stepsPerRun;
    this.#options = options;
    this.#opened = opened;
    const weights = firstWeights(opened.model.parameters, options.seed);
    const tensors = (data: (name: string, size: number) => Float32Array): Record<string, Tensor> =>
      Object.fromEntries(
        opened.model.state.map(({ name, shape }) => {
          const size = shape.reduce((count, dim) => count * dim, 1);
          return [name, new Tensor('float32', data(name, size), shape)];
        }),
      );
    this.#now = tensors((name, size) => weights[name] ?? new Float32Array(size));
    this.#spare = tensors((_name, size) => new Float32Array(size));
  }

  /** What a batch consists of: the network's inputs, `target`, and `weight` where rows are weighted. */
  get feeds(): readonly Feed[] {
    return this.#opened.model.feeds;
  }

  /** One step. @throws TY1505, TY1506 the batch does not fit; the state is as before */
  async step(batch: Batch): Promise<StepResult> {
    const [result] = await this.steps([batch]);
    if (!result) throw new RangeError('a step gave no result');
    return result;
  }

  /** A step for each batch, in order; up to {@link stepsPerRun} batches of one size go through the session together. */
  async steps(batches: readonly Batch[]): Promise<readonly StepResult[]> {
    const rows = batches.map((batch) => checkBatch(this.feeds, batch));
    const done: StepResult[] = [];
    for (let start = 0, end; start < batches.length; start = end) {
      const other = rows.findIndex((count, index) => index > start && count !== rows[start]);
      end = Math.min(start + this.stepsPerRun, other < 0 ? batches.length : other);
      done.push(...(await this.#run(batches.slice(start, end), rows[start] ?? 0)));
    }
    return done;
  }

  /** The loss and the output for a batch with the weights as they are, without dropout. @throws TY1505, TY1506 */
  async evaluate(batch: Batch): Promise<Evaluation> {
    const rows = checkBatch(this.feeds, batch);
    const { model, evaluation } = this.#opened;
    const columns = this.feeds.map((feed) => [feed.name, tensorOf(feed, [rows], batch[feed.name])] as const);
    const parameters = new Set(model.parameters.map(({ name }) => name));
    const weights = Object.entries(this.#now).filter(([name]) => parameters.has(name));
    const given = await evaluation.run(Object.fromEntries([...columns, ...weights]));
    const result = (name: string): Float32Array => floats(given[name]);
    return {
      loss: result(results.loss)[0] ?? NaN,
      weight: result(results.weight)[0] ?? NaN,
      output: result(results.output),
    };
  }

  /**
   * The state as it is, not a copy: its arrays are good until the next call of `step` or `load`. Write it out or copy it
   * before. Training goes on from a loaded state with the same bytes as if it had never stopped.
   */
  state(): TrainState {
    return { step: this.#step, tensors: mapValues(this.#now, floats) };
  }

  /** The parameters alone, as {@link forwardModel} takes them; good as long as {@link state}'s arrays. */
  weights(): Readonly<Record<string, Float32Array>> {
    return Object.fromEntries(this.#opened.model.parameters.map(({ name }) => [name, floats(this.#now[name])]));
  }

  /** Continues from a saved state; its arrays are copied. @throws TY1507 another model or optimiser saved it */
  load({ step, tensors }: TrainState): void {
    const own = Object.keys(this.#now);
    const odd = [...own, ...Object.keys(tensors)].find(
      (name) => tensors[name]?.length !== this.#now[name]?.data.length,
    );
    if (odd !== undefined) {
      const [saved, here] = [tensors[odd]?.length ?? 0, this.#now[odd]?.data.length ?? 0];
      throw new TrainyardError('TY1507', `state tensor ${odd} has ${saved} elements where the model has ${here}`);
    }
    for (const name of own) floats(this.#now[name]).set(tensors[name] ?? []);
    this.#step = step;
  }

  /** Closes the sessions. */
  async release(): Promise<void> {
    await this.#opened.session.release();
    await this.#opened.evaluation.release();
  }

  async #run(batches: readonly Batch[], rows: number): Promise<readonly StepResult[]> {
    const { model, session, stepsPerRun } = this.#opened;
    const lead = stepsPerRun === 1 ? [] : [batches.length];
    const numbers = batches.map((_, index) => this.#step + index + 1);
    const feeds: Record<string, Tensor> = { ...this.#now };
    for (const feed of model.feeds) {
      feeds[feed.name] = tensorOf(feed, [...lead, rows], stack(batches.flatMap((batch) => batch[feed.name] ?? [])));
    }
    model.masks.forEach((mask, layer) => {
      const masks = numbers.map((step) => {
        const address = { seed: this.#options.seed, purpose: randomPurpose.dropout, step, layer };
        return dropoutMask(address, mask.rate, new Float32Array(rows * rowSize(mask)));
      });
      feeds[mask.name] = tensorOf({ ...mask, dtype: 'float32' }, [...lead, rows], stack(masks));
    });
    const scalars = numbers.map((step) => this.#options.optimiser.scalars(step, this.#options.rate(step)));
    for (const name of model.scalars) {
      feeds[scalarName(name)] = new Tensor(
        'float32',
        Float32Array.from(scalars, (each) => each[name] ?? NaN),
        lead,
      );
    }
    const losses = new Float32Array(batches.length);
    const norms = new Float32Array(batches.length);
    const next = Object.entries(this.#spare).map(([name, tensor]) => [nextName(name), tensor] as const);
    await session.run(feeds, {
      ...Object.fromEntries(next),
      [results.loss]: new Tensor('float32', losses, lead),
      [results.gradNorm]: new Tensor('float32', norms, lead),
    });
    [this.#now, this.#spare] = [this.#spare, this.#now];
    this.#step += batches.length;
    return numbers.map((step, index) => ({ step, loss: losses[index] ?? NaN, gradNorm: norms[index] ?? NaN }));
  }
}

function sizeOf({ parameters }: StepModel): number {
  return parameters.reduce((sum, { shape }) => sum + shape.reduce((size, dim) => size * dim, 1), 0);
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
