/** One step of training at a time: a session, and the state that goes round in it. @module */
import { Tensor } from 'onnxruntime-node';
import { TrainyardError } from '../contracts/errors.js';
import { dropoutMask } from '../data/philox.js';
import { checkBatch, rowSize } from './feeds.js';
import { firstWeights, randomPurpose } from './layers.js';
import { numericsOf } from './numerics.js';
import { openSession } from './session.js';
import { evaluationModel, loopModel, nextName, results, scalarName, stepModel } from './step-graph.js';
import { floats, stack, tensorOf } from './tensors.js';
/**
 * Builds the graphs of a network, its loss and its optimiser, and opens their sessions. Release it at the end.
 * @example
 * const training = await createTrainStep({ network, loss: softmaxCrossEntropy(), optimiser: adam(), rate: constantRate(1e-3), seed: 7 });
 * const { loss } = await training.step({ x, target });
 * @throws TY1501–TY1504 the network cannot be built or differentiated, TY1508 the provider is not there
 */
export async function createTrainStep(options) {
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
/** Made by {@link createTrainStep}. One call at a time: the next `step` starts after the last has ended. */
export class TrainStep {
  numerics;
  /** How many batches {@link steps} takes at once to use each run of the session in full. */
  stepsPerRun;
  #options;
  #opened;
  #step = 0;
  /** The state, and a spare of the same shapes that the next run writes; then they change places. Nothing here is copied. */
  #now;
  #spare;
  constructor(options, opened, numerics) {
    this.numerics = numerics;
    this.stepsPerRun = opened.stepsPerRun;
    this.#options = options;
    this.#opened = opened;
    const weights = firstWeights(opened.model.parameters, options.seed);
    const tensors = (data) =>
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
  get feeds() {
    return this.#opened.model.feeds;
  }
  /** One step. @throws TY1505, TY1506 the batch does not fit; the state is as before */
  async step(batch) {
    const [result] = await this.steps([batch]);
    if (!result) throw new RangeError('a step gave no result');
    return result;
  }
  /** A step for each batch, in order; up to {@link stepsPerRun} batches of one size go through the session together. */
  async steps(batches) {
    const rows = batches.map((batch) => checkBatch(this.feeds, batch));
    const done = [];
    for (let start = 0, end; start < batches.length; start = end) {
      const other = rows.findIndex((count, index) => index > start && count !== rows[start]);
      end = Math.min(start + this.stepsPerRun, other < 0 ? batches.length : other);
      done.push(...(await this.#run(batches.slice(start, end), rows[start] ?? 0)));
    }
    return done;
  }
  /** The loss and the output for a batch with the weights as they are, without dropout. @throws TY1505, TY1506 */
  async evaluate(batch) {
    const rows = checkBatch(this.feeds, batch);
    const { model, evaluation } = this.#opened;
    const columns = this.feeds.map((feed) => [feed.name, tensorOf(feed, [rows], batch[feed.name])]);
    const parameters = new Set(model.parameters.map(({ name }) => name));
    const weights = Object.entries(this.#now).filter(([name]) => parameters.has(name));
    const given = await evaluation.run(Object.fromEntries([...columns, ...weights]));
    const result = (name) => floats(given[name]);
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
  state() {
    return { step: this.#step, tensors: mapValues(this.#now, floats) };
  }
  /** The parameters alone, as {@link forwardModel} takes them; good as long as {@link state}'s arrays. */
  weights() {
    return Object.fromEntries(this.#opened.model.parameters.map(({ name }) => [name, floats(this.#now[name])]));
  }
  /** Continues from a saved state; its arrays are copied. @throws TY1507 another model or optimiser saved it */
  load({ step, tensors }) {
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
  async release() {
    await this.#opened.session.release();
    await this.#opened.evaluation.release();
  }
  async #run(batches, rows) {
    const { model, session, stepsPerRun } = this.#opened;
    const lead = stepsPerRun === 1 ? [] : [batches.length];
    const numbers = batches.map((_, index) => this.#step + index + 1);
    const feeds = { ...this.#now };
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
    const next = Object.entries(this.#spare).map(([name, tensor]) => [nextName(name), tensor]);
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
function sizeOf({ parameters }) {
  return parameters.reduce((sum, { shape }) => sum + shape.reduce((size, dim) => size * dim, 1), 0);
}
function mapValues(record, map) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
//# sourceMappingURL=train-step.js.map
