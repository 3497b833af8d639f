/** The graphs of training: one step, several steps in one `Loop`, and an evaluation, all from one network. @module */
import { encodeModel } from '../onnx/encode.js';
import { Graph } from '../onnx/graph.js';
import type { Value } from '../onnx/graph.js';
import { Operators } from '../onnx/operators.js';
import type { TensorType } from '../onnx/tensor-type.js';
import { gradients } from './gradients.js';
import { Layers } from './layers.js';
import type { DropoutMask, LayerSource, Network, Parameter } from './layers.js';
import type { Loss } from './losses.js';
import { globalNorm } from './optimisers.js';
import type { Optimiser } from './optimisers.js';

export interface Training {
  readonly network: Network;
  readonly loss: Loss;
  readonly optimiser: Optimiser;
  /** Rows come with weights, fed as `weight` float32[batch]. @default false */
  readonly sampleWeights?: boolean;
  /** Gradients are scaled down to this global norm. @default no clipping */
  readonly clipNorm?: number;
}

/** One input of a batch; integers are checked against `below`. */
export interface Feed extends TensorType {
  readonly name: string;
  readonly below?: number;
}

/** A tensor that a step takes and gives back: a parameter, or `<parameter>:<slot>` of the optimiser. */
export interface StateTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface StepModel {
  readonly bytes: Uint8Array;
  readonly feeds: readonly Feed[];
  readonly masks: readonly DropoutMask[];
  readonly scalars: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly state: readonly StateTensor[];
}

/** Names of outputs, apart from what a column may be called. */
export const results = {
  loss: 'result/loss',
  gradNorm: 'result/gradNorm',
  weight: 'result/weight',
  output: 'result/output',
};
/** A state tensor's name as an output. */
export const nextName = (name: string): string => `next/${name}`;
/** A scalar of the optimiser as an input. */
export const scalarName = (name: string): string => `optimiser.${name}`;

/** Where the parts of a step get their values: the model's inputs, or a turn of a loop. */
export interface StepSource {
  feed(name: string, type: TensorType): Value;
  state(tensor: StateTensor): Value;
}

/** One step: batch, state and scalars in; loss, norm and the next state out. */
export function stepModel(training: Training): StepModel {
  const graph = new Graph();
  const { loss, norm, next, ...parts } = buildStep(new Operators(graph), training, inputSource(graph));
  const outputs = Object.fromEntries([...next].map(([name, value]) => [nextName(name), value]));
  return {
    ...parts,
    bytes: encodeModel({ graph, outputs: { [results.loss]: loss, [results.gradNorm]: norm, ...outputs } }),
  };
}

/**
 * Several steps in one run, for a provider where the state crosses a bus at each run: every batch input and scalar has a
 * leading axis `steps`, loss and norm come back as float32[steps], the state once.
 */
export function loopModel(training: Training): StepModel {
  const graph = new Graph();
  const body = new Graph(graph);
  const ops = new Operators(body);
  const turn = body.input('turn', 'int64', []);
  const go = body.input('go', 'bool', []);
  const carried = new Map<string, Value>();
  const { loss, norm, next, ...parts } = buildStep(ops, training, {
    feed: (name, { dtype, shape }) => ops.gather(graph.input(name, dtype, ['steps', ...shape]), turn),
    state(tensor) {
      carried.set(tensor.name, graph.input(tensor.name, 'float32', tensor.shape));
      return body.input(`now/${tensor.name}`, 'float32', tensor.shape);
    },
  });
  const steps = new Operators(graph).gather(
    graph.node('Shape', [graph.inputs.find(({ shape }) => shape[0] === 'steps')]),
    graph.scalar(0, 'int64'),
  );
  // A loop's state goes in and out in one order: the order in which the body asked for it.
  const states = [...carried.keys()].map((name) => next.get(name) ?? turn);
  const values = graph.outputsOf('Loop', [steps, undefined, ...carried.values()], {
    attributes: { body: { body: { graph: body, outputs: [ops.identity(go), ...states, loss, norm] } } },
    outputs: [...states, ...[loss, norm].map(({ dtype }) => ({ dtype, shape: ['steps'] }))],
  });
  const names = [...[...carried.keys()].map(nextName), results.loss, results.gradNorm];
  const outputs = Object.fromEntries(values.map((value, index) => [names[index] ?? value.name, value]));
  return { ...parts, bytes: encodeModel({ graph, outputs }) };
}

/** The network without dropout, and its loss: batch and parameters in; loss, weight and output out. */
export function evaluationModel(training: Training): Uint8Array {
  const graph = new Graph();
  const ops = new Operators(graph);
  const { loss, total, output } = buildLoss(ops, training, { ...inputSource(graph), mask: () => undefined });
  return encodeModel({ graph, outputs: { [results.loss]: loss, [results.weight]: total, [results.output]: output } });
}

/** The inputs of a graph as the source of a step. */
export function inputSource(graph: Graph): StepSource {
  return {
    feed: (name, { dtype, shape }) => graph.input(name, dtype, shape),
    state: ({ name, shape }) => graph.input(name, 'float32', shape),
  };
}

function buildStep(ops: Operators, training: Training, source: StepSource) {
  const { loss, feeds, layers, values, given } = buildGradients(ops, training, source, ({ gradient }) => gradient);
  const update = buildUpdate(ops, training, { parameters: layers.parameters, values, given }, source);
  return { ...update, loss, feeds, masks: layers.masks, parameters: layers.parameters };
}

/** Forward and backward: the gradient of each parameter, in their order, that `seed` of the loss leads to. */
export function buildGradients(
  ops: Operators,
  training: Training,
  source: StepSource,
  seed: (loss: ReturnType<Loss['build']>) => Value,
) {
  const mask: LayerSource['mask'] = ({ name, shape }) => source.feed(name, { dtype: 'float32', shape });
  const parts = buildLoss(ops, training, { ...source, mask });
  const given = gradients(ops, { of: parts.output, gradient: seed(parts) }, [...parts.values.values()]);
  return { ...parts, given };
}

/** Clipping and the optimiser: the next state, of gradients that are the whole batch's. */
export function buildUpdate(
  ops: Operators,
  { optimiser, clipNorm }: Training,
  {
    parameters,
    values,
    given,
  }: { parameters: readonly Parameter[]; values: ReadonlyMap<string, Value>; given: readonly Value[] },
  source: StepSource,
) {
  const names = Object.keys(optimiser.scalars(1, 1));
  const scalars = Object.fromEntries(
    names.map((name) => [name, source.feed(scalarName(name), { dtype: 'float32', shape: [] })]),
  );
  const { norm, scale } = ops.graph.scope('clip', () => globalNorm(ops, given, clipNorm));
  const next = new Map<string, Value>();
  const state: StateTensor[] = [];
  parameters.forEach((parameter, index) => {
    const { name, shape, role } = parameter;
    const [now, gradient] = [values.get(name), given[index]];
    if (!now || !gradient) throw new RangeError(`parameter ${name} was not built`);
    const slots = optimiser.slots.map((slot) => ({ name: `${name}:${slot}`, shape }));
    const update = {
      parameter: now,
      gradient,
      scale,
      slots: slots.map((slot) => source.state(slot)),
      decays: role === 'weight',
    };
    const moved = ops.graph.scope(`${optimiser.name}/${name}`, () => optimiser.update(ops, update, scalars));
    [{ name, shape }, ...slots].forEach((tensor, part) => {
      state.push(tensor);
      next.set(tensor.name, moved[part] ?? now);
    });
  });
  return { norm, next, state, scalars: names };
}

/** The forward part with the loss on top. */
function buildLoss(ops: Operators, training: Training, source: StepSource & Pick<LayerSource, 'mask'>) {
  const { network, loss: lossOf, sampleWeights } = training;
  const values = new Map<string, Value>();
  const layers = new Layers(ops, {
    mask: (mask) => source.mask(mask),
    parameter(parameter) {
      const value = source.state(parameter);
      values.set(parameter.name, value);
      return value;
    },
  });
  const feeds: Feed[] = [];
  const feed = (type: Feed): Value => {
    feeds.push(type);
    return source.feed(type.name, type);
  };
  const inputs = Object.fromEntries(
    Object.entries(network.inputs).map(([name, type]) => [name, feed({ name, ...type })]),
  );
  const output = network.forward(layers, inputs);
  const target = feed({ name: 'target', ...lossOf.target(output) });
  const weight = sampleWeights ? feed({ name: 'weight', dtype: 'float32', shape: ['batch'] }) : undefined;
  const { loss, gradient, total } = ops.graph.scope(lossOf.name, () => lossOf.build(ops, { output, target, weight }));
  const bounded = feeds.map((type) => {
    const rows = layers.idRanges.filter(({ input }) => inputs[type.name]?.name === input).map((range) => range.rows);
    return rows.length > 0 ? { ...type, below: Math.min(...rows) } : type;
  });
  return { output, loss, total, gradient, feeds: bounded, layers, values };
}
