/** The served model: the forward part of the training graph with the trained weights inside. @module */
import { TrainyardError } from '../contracts/errors.js';
import { encodeModel } from '../onnx/encode.js';
import { Graph } from '../onnx/graph.js';
import type { Value } from '../onnx/graph.js';
import { Operators } from '../onnx/operators.js';
import { formatType, sameShape } from '../onnx/tensor-type.js';
import { Layers } from './layers.js';
import type { Network } from './layers.js';

type Values = Readonly<Record<string, Value>>;

export interface ForwardModel {
  readonly network: Network;
  /** Parameters by name, as `TrainStep.weights()` gives them. */
  readonly weights: Readonly<Record<string, Float32Array>>;
  /** Declares the model's inputs and makes the network's inputs of them. @default the network's own inputs, as they are */
  readonly prepare?: (ops: Operators) => Values;
  /** Names the model's outputs. @default `{ output }` */
  readonly finish?: (ops: Operators, output: Value) => Values;
  /** Kept in the model, for example its numerics. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of an ONNX model that computes what training computed, without dropout.
 * @throws TY1505 what `prepare` makes is not what the network takes, TY1507 weights of another network
 */
export function forwardModel({ network, weights, metadata, ...parts }: ForwardModel): Uint8Array {
  const {
    prepare = (ops: Operators) => inputsOf(network, ops),
    finish = (_ops: Operators, output: Value) => ({ output }),
  } = parts;
  const graph = new Graph();
  const ops = new Operators(graph);
  const inputs = graph.scope('prepare', () => prepare(ops));
  for (const [name, type] of Object.entries(network.inputs)) {
    const given = inputs[name];
    if (given?.dtype === type.dtype && sameShape(given.shape, type.shape)) continue;
    throw new TrainyardError(
      'TY1505',
      `network input ${name}: ${given ? formatType(given) : 'nothing'} for ${formatType(type)}`,
    );
  }
  const layers = new Layers(ops, {
    mask: () => undefined,
    parameter({ name, shape }) {
      const data = weights[name];
      if (!data) throw new TrainyardError('TY1507', `there are no weights for parameter ${name}`);
      return graph.initialiser(name, data, shape);
    },
  });
  const outputs = finish(ops, network.forward(layers, inputs));
  return encodeModel({ graph, outputs, ...(metadata && { metadata }) });
}

function inputsOf(network: Network, { graph }: Operators): Values {
  return Object.fromEntries(
    Object.entries(network.inputs).map(([name, { dtype, shape }]) => [name, graph.input(name, dtype, shape)]),
  );
}
