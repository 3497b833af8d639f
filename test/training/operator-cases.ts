/** The formulas of fixtures/make_gradients.py, built with our operators under the same names. @module */
import type { Value } from '../../src/onnx/graph.js';
import type { Operators } from '../../src/onnx/operators.js';

type Build = (ops: Operators, ...inputs: Value[]) => Value;

const ids = (ops: Operators, values: readonly number[], shape: readonly number[]): Value =>
  ops.graph.constant(BigInt64Array.from(values, BigInt), shape);
const parts = (ops: Operators, x: Value, sizes: readonly number[]): readonly [Value, Value] => {
  const [first = x, second = x] = ops.split(x, sizes, 1);
  return [first, second];
};

export const operatorCases: Readonly<Record<string, Build>> = {
  'add, both broadcast': (ops, a, b) => ops.add(a, b),
  'add, the same value twice': (ops, a) => ops.add(a, a),
  'sub, scalar': (ops, a, b) => ops.sub(a, b),
  'mul, both broadcast': (ops, a, b) => ops.mul(a, b),
  'div, both broadcast': (ops, a, b) => ops.div(a, b),
  matMul: (ops, a, b) => ops.matMul(a, b),
  'matMul, rows of a sequence': (ops, a, b) => ops.matMul(a, b),
  'matMul, batches broadcast': (ops, a, b) => ops.matMul(a, b),
  gemm: (ops, a, b, c) => ops.gemm(a, b, c),
  'gemm, first transposed': (ops, a, b, c) => ops.gemm(a, b, c, { transA: true }),
  'gemm, second transposed': (ops, a, b, c) => ops.gemm(a, b, c, { transB: true }),
  'gemm, both transposed': (ops, a, b) => ops.gemm(a, b, undefined, { transA: true, transB: true }),
  relu: (ops, a) => ops.relu(a),
  sigmoid: (ops, a) => ops.sigmoid(a),
  tanh: (ops, a) => ops.tanh(a),
  gelu: (ops, a) => ops.gelu(a),
  softmax: (ops, a) => ops.softmax(a),
  'softmax, axis 1 of 3': (ops, a) => ops.softmax(a, 1),
  logSoftmax: (ops, a) => ops.logSoftmax(a),
  layerNorm: (ops, x, scale, bias) => ops.layerNorm(x, scale, bias, 1e-5),
  'layerNorm, a sequence': (ops, x, scale, bias) => ops.layerNorm(x, scale, bias, 1e-5),
  'layerNorm, σ = 0 in a row': (ops, x, scale, bias) => ops.layerNorm(x, scale, bias, 1e-5),
  'gather, repeated ids': (ops, table) => ops.gather(table, ids(ops, [1, 3, 1, 0, 3, 3], [2, 3])),
  'gather, repeated ids of a large table': (ops, table) => ops.gather(table, ids(ops, [7, 99, 7, 0, 99, 7, 42], [7])),
  concat: (ops, a, b) => ops.concat([a, b], 1),
  split: (ops, a) => {
    const [x, y] = parts(ops, a, [2, 2]);
    return ops.add(ops.mul(x, parts(ops, x, [1, 1])[0]), y);
  },
  'split, one part unused': (ops, a) => ops.mul(parts(ops, a, [1, 3])[1], 2),
  reshape: (ops, a) => ops.reshape(a, [2, 6]),
  'squeeze and unsqueeze': (ops, a) => ops.unsqueeze(ops.squeeze(a, [1]), [0]),
  transpose: (ops, a) => ops.transpose(a, [2, 0, 1]),
  'reduceSum, all': (ops, a) => ops.reduceSum(a),
  'reduceSum, an axis gone': (ops, a) => ops.reduceSum(a, [1]),
  'reduceSum, an axis kept': (ops, a) => ops.reduceSum(a, [-1], true),
  'reduceMean, all': (ops, a) => ops.reduceMean(a),
  'reduceMean, the batch': (ops, a) => ops.reduceMean(a, [0]),
  'dropout by a mask': (ops, a, mask) => ops.mul(a, mask),
  attention: (ops, q, k, v) => ops.matMul(ops.softmax(ops.div(ops.matMul(q, ops.transpose(k, [0, 2, 1])), 2)), v),
};
