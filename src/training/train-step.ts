/** One step of training at a time: a session, and the state that goes round in it. @module */
import type { InferenceSession } from 'onnxruntime-node';
import { TrainyardError } from '../contracts/errors.js';
import { checkBatch } from './feeds.js';
import type { Batch } from './feeds.js';
import { firstWeights } from './layers.js';
import { openMicroBatches } from './micro-batches.js';
import { numericsOf } from './numerics.js';
import type { Numerics, Provider } from './numerics.js';
import type { Schedule } from './schedules.js';
import { openSession } from './session.js';
import { evaluationModel, results } from './step-graph.js';
import type { Feed, Training } from './step-graph.js';
import type { StepResult, StepRunner } from './step-runner.js';
import { SwappedTensors } from './swapped-tensors.js';
import { floats, tensorOf } from './tensors.js';
import { openWholeBatches } from './whole-batches.js';

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
  /**
   * Parts that each batch goes through the session in, their gradients summed before one update: the memory of a part, and the
   * mathematics of the whole batch but for rounding, dropout included. The network must treat each row by itself. With
   * more than one a run does one step; on CUDA parameters and sums cross the bus for each part. @default 1
   */
  readonly microBatches?: number;
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
  const { provider = 'cpu', threads = 2, microBatches = 1 } = options;
  const device = { provider, threads };
  const runner = await (microBatches === 1
    ? openWholeBatches(options, device)
    : openMicroBatches({ ...options, microBatches }, device));
  try {
    const evaluation = await openSession(evaluationModel(options), device);
    return new TrainStep(runner, evaluation, options.seed, numericsOf(device, microBatches));
  } catch (error) {
    await runner.release();
    throw error;
  }
}

/** Made by {@link createTrainStep}. One call at a time: the next `step` starts after the last has ended. */
export class TrainStep {
  readonly numerics: Numerics;
  readonly #runner: StepRunner;
  readonly #evaluation: InferenceSession;
  readonly #state: SwappedTensors;
  #step = 0;

  constructor(runner: StepRunner, evaluation: InferenceSession, seed: number, numerics: Numerics) {
    this.numerics = numerics;
    this.#runner = runner;
    this.#evaluation = evaluation;
    const weights = firstWeights(runner.model.parameters, seed);
    this.#state = new SwappedTensors(runner.model.state, (name, size) => weights[name] ?? new Float32Array(size));
  }

  /** How many batches {@link steps} takes at once to use each run of the session in full. */
  get stepsPerRun(): number {
    return this.#runner.stepsPerRun;
  }

  /** What a batch consists of: the network's inputs, `target`, and `weight` where rows are weighted. */
  get feeds(): readonly Feed[] {
    return this.#runner.model.feeds;
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
      const run = { batches: batches.slice(start, end), rows: rows[start] ?? 0, step: this.#step + 1 };
      done.push(...(await this.#runner.run(this.#state, run)));
      this.#step += end - start;
    }
    return done;
  }

  /** The loss and the output for a batch with the weights as they are, without dropout. @throws TY1505, TY1506 */
  async evaluate(batch: Batch): Promise<Evaluation> {
    const rows = checkBatch(this.feeds, batch);
    const columns = this.feeds.map((feed) => [feed.name, tensorOf(feed, [rows], batch[feed.name])] as const);
    const parameters = new Set(this.#runner.model.parameters.map(({ name }) => name));
    const weights = Object.entries(this.#state.now).filter(([name]) => parameters.has(name));
    const given = await this.#evaluation.run(Object.fromEntries([...columns, ...weights]));
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
    return { step: this.#step, tensors: mapValues(this.#state.now, floats) };
  }

  /** The parameters alone, as {@link forwardModel} takes them; good as long as {@link state}'s arrays. */
  weights(): Readonly<Record<string, Float32Array>> {
    return Object.fromEntries(this.#runner.model.parameters.map(({ name }) => [name, floats(this.#state.now[name])]));
  }

  /** Continues from a saved state; its arrays are copied. @throws TY1507 another model or optimiser saved it */
  load({ step, tensors }: TrainState): void {
    const { now } = this.#state;
    const own = Object.keys(now);
    const odd = [...own, ...Object.keys(tensors)].find((name) => tensors[name]?.length !== now[name]?.data.length);
    if (odd !== undefined) {
      const [saved, here] = [tensors[odd]?.length ?? 0, now[odd]?.data.length ?? 0];
      throw new TrainyardError('TY1507', `state tensor ${odd} has ${saved} elements where the model has ${here}`);
    }
    for (const name of own) floats(now[name]).set(tensors[name] ?? []);
    this.#step = step;
  }

  /** Closes the sessions. */
  async release(): Promise<void> {
    await this.#runner.release();
    await this.#evaluation.release();
  }
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
