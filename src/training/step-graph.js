/** The graphs of training: one step, several steps in one `Loop`, and an evaluation, all from one network. @module */
import { encodeModel } from '../onnx/encode.js';
import { Graph } from '../onnx/graph.js';
import { Operators } from '../onnx/operators.js';
import { gradients } from './gradients.js';
import { Layers } from './layers.js';
import { globalNorm } from './optimisers.js';
/** Names of outputs, apart from what a column may be called. */
export const results = {
  loss: 'result/loss',
  gradNorm: 'result/gradNorm',
  weight: 'result/weight',
  output: 'result/output',
};
/** A state tensor's name as an output. */
export const nextName = (name) => `next/${name}`;
/** A scalar of the optimiser as an input. */
export const scalarName = (name) => `optimiser.${name}`;
/** One step: batch, state and scalars in; loss, norm and the next state out. */
export function stepModel(training) {
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
export function loopModel(training) {
  const graph = new Graph();
  const body = new Graph(graph);
  const ops = new Operators(body);
  const turn = body.input('turn', 'int64', []);
  const go = body.input('go', 'bool', []);
  const carried = new Map();
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
export function evaluationModel(training) {
  const graph = new Graph();
  const ops = new Operators(graph);
  const { loss, total, output } = buildLoss(ops, training, { ...inputSource(graph), mask: () => undefined });
  return encodeModel({ graph, outputs: { [results.loss]: loss, [results.weight]: total, [results.output]: output } });
}
function inputSource(graph) {
  return {
    feed: (name, { dtype, shape }) => graph.input(name, dtype, shape),
    state: ({ name, shape }) => graph.input(name, 'float32', shape),
  };
}
function buildStep(ops, training, source) {
  const { optimiser, clipNorm } = training;
  const mask = ({ name, shape }) => source.feed(name, { dtype: 'float32', shape });
  const { output, loss, gradient, feeds, layers, values } = buildLoss(ops, training, { ...source, mask });
  const names = Object.keys(optimiser.scalars(1, 1));
  const scalars = Object.fromEntries(
    names.map((name) => [name, source.feed(scalarName(name), { dtype: 'float32', shape: [] })]),
  );
  const given = gradients(ops, { of: output, gradient }, [...values.values()]);
  const { norm, scale } = ops.graph.scope('clip', () => globalNorm(ops, given, clipNorm));
  const next = new Map();
  const state = [];
  layers.parameters.forEach((parameter, index) => {
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
  return { loss, norm, next, state, feeds, masks: layers.masks, parameters: layers.parameters, scalars: names };
}
/** The forward part with the loss on top. */
function buildLoss(ops, training, source) {
  const { network, loss: lossOf, sampleWeights } = training;
  const values = new Map();
  const layers = new Layers(ops, {
    mask: (mask) => source.mask(mask),
    parameter(parameter) {
      const value = source.state(parameter);
      values.set(parameter.name, value);
      return value;
    },
  });
  const feeds = [];
  const feed = (type) => {
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
//# sourceMappingURL=step-graph.js.map
