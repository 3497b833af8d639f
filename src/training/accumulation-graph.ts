/** The graphs of a step whose batch comes in parts: one adds up gradients, one updates the parameters with their sum. @module */
import { encodeModel } from '../onnx/encode.js';
import { Graph } from '../onnx/graph.js';
import type { Value } from '../onnx/graph.js';
import { Operators } from '../onnx/operators.js';
import { buildGradients, buildUpdate, inputSource, nextName, results } from './step-graph.js';
import type { StateTensor, StepModel, Training } from './step-graph.js';

/** The graph of a whole batch's update; what a batch consists of; and the graph that takes a part of it. */
export interface AccumulationModel extends StepModel {
  /** Parameters and sums in, a part of a batch in: the next sums out. */
  readonly partBytes: Uint8Array;
  /** What goes from part to part, 0 before the first: Σ of gradients, of losses and of weights. */
  readonly sums: readonly StateTensor[];
}

/** A sum's name as an input. */
const sumName = (name: string): string => `sum/${name}`;

/**
 * A loss is the mean Σ w·l / Σ w. Each part adds its Σ w·∂l and Σ w, and the update divides once: that is the gradient of the
 * whole batch but for rounding, whatever the sizes and weights of the parts.
 */
export function accumulationModel(training: Training): AccumulationModel {
  const { bytes: partBytes, ...part } = partModel(training);
  return { ...part, partBytes, ...updateModel(training, part) };
}

function partModel(training: Training) {
  const graph = new Graph();
  const ops = new Operators(graph);
  const source = inputSource(graph);
  const built = buildGradients(ops, training, source, ({ gradient, total }) => ops.mul(gradient, total));
  const { parameters, masks } = built.layers;
  const sums: StateTensor[] = [];
  const outputs: Record<string, Value> = {};
  const add = (name: string, shape: readonly number[], value: Value) => {
    const sum = { name: sumName(name), shape };
    sums.push(sum);
    outputs[nextName(sum.name)] = ops.add(source.state(sum), value);
  };
  parameters.forEach(({ name, shape }, index) => {
    add(name, shape, built.given[index] ?? built.loss);
  });
  add(results.loss, [], ops.mul(built.loss, built.total));
  add(results.weight, [], built.total);
  return { bytes: encodeModel({ graph, outputs }), feeds: built.feeds, masks, parameters, sums };
}

function updateModel(training: Training, { parameters }: Pick<StepModel, 'parameters'>) {
  const graph = new Graph();
  const ops = new Operators(graph);
  const source = inputSource(graph);
  const share = ops.div(1, source.state({ name: sumName(results.weight), shape: [] }));
  const mean = (name: string, shape: readonly number[]) => ops.mul(source.state({ name: sumName(name), shape }), share);
  const values = new Map(parameters.map((parameter) => [parameter.name, source.state(parameter)]));
  const given = parameters.map(({ name, shape }) => mean(name, shape));
  const { norm, next, state, scalars } = buildUpdate(ops, training, { parameters, values, given }, source);
  const outputs = Object.fromEntries([...next].map(([name, value]) => [nextName(name), value]));
  const loss = mean(results.loss, []);
  const bytes = encodeModel({ graph, outputs: { [results.loss]: loss, [results.gradNorm]: norm, ...outputs } });
  return { bytes, state, scalars };
}
