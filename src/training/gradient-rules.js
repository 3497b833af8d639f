/** How a gradient passes back through each operator. @module */
import { TrainyardError } from '../contracts/errors.js';
import { staticShape } from '../onnx/graph.js';
import { normalAxis } from '../onnx/tensor-type.js';
/**
 * Tables up to this many rows get their gradient by a one-hot matrix product, larger ones by `ScatterElements`, which adds
 * in the order of the ids on one thread. Both are exact and give the same bytes at any thread count. Measured with
 * onnxruntime 1.30 on two cores, one-hot against scatter: 20 rows × 4, 256 ids: 0.05 and 0.07 ms; 300 × 16, 256 ids: 0.36
 * and 0.12; 4,096 × 16, 1,024 ids: 12 and 0.3. `ScatterND` races on repeated ids (onnxruntime#18048): never use it here.
 */
const oneHotRows = 64;
/** Vector-Jacobian products; for their derivation see Griewank and Walther, Evaluating Derivatives (2008), chapter 3. */
export const gradientRules = {
  Identity: ({ dy }) => [dy],
  Add: ({ ops, dy }, a, b) => [sumTo(ops, dy, a), sumTo(ops, dy, b)],
  Sub: ({ ops, dy }, a, b) => [sumTo(ops, dy, a), ops.neg(sumTo(ops, dy, b))],
  Mul: ({ ops, dy }, a, b) => [sumTo(ops, ops.mul(dy, b), a), sumTo(ops, ops.mul(dy, a), b)],
  Div: ({ ops, y, dy }, a, b) => {
    const da = ops.div(dy, b);
    return [sumTo(ops, da, a), sumTo(ops, ops.neg(ops.mul(da, y)), b)];
  },
  MatMul: ({ ops, dy }, a, b) => {
    if (a.shape.length === 2 && b.shape.length === 2)
      return [gemm(ops, dy, b, false, true), gemm(ops, a, dy, true, false)];
    const da = ops.matMul(dy, swapLast(ops, b));
    if (b.shape.length === 2) return [da, gemm(ops, rows(ops, a), rows(ops, dy), true, false)];
    return [sumTo(ops, da, a), sumTo(ops, ops.matMul(swapLast(ops, a), dy), b)];
  },
  Gemm: ({ ops, node, inputs: [, , bias], dy }, a, b) => {
    only(node, ['transA', 'transB']);
    const [transA, transB] = [int(node, 'transA', 0) === 1, int(node, 'transB', 0) === 1];
    return [
      transA ? gemm(ops, b, dy, transB, true) : gemm(ops, dy, b, false, !transB),
      transB ? gemm(ops, dy, a, true, transA) : gemm(ops, a, dy, !transA, false),
      bias && sumTo(ops, dy, bias),
    ];
  },
  // Greater and Cast take a sixth of the time of Sign (onnxruntime 1.30: 6 and 37 µs for 128 × 256).
  Relu: ({ ops, y, dy }) => [ops.mul(dy, ops.cast(ops.greater(y, 0), y.dtype))],
  Sigmoid: ({ ops, y, dy }) => [ops.mul(dy, ops.mul(y, ops.sub(1, y)))],
  Tanh: ({ ops, y, dy }) => [ops.mul(dy, ops.sub(1, ops.mul(y, y)))],
  /** d/dx x·Φ(x) = Φ(x) + x·φ(x): Hendrycks and Gimpel, Gaussian Error Linear Units (2016). */
  Gelu: ({ ops, node, dy }, x) => {
    only(node, []);
    const cumulative = ops.mul(0.5, ops.add(1, ops.erf(ops.mul(x, Math.SQRT1_2))));
    const density = ops.mul(1 / Math.sqrt(2 * Math.PI), ops.exp(ops.mul(-0.5, ops.mul(x, x))));
    return [ops.mul(dy, ops.add(cumulative, ops.mul(x, density)))];
  },
  Softmax: ({ ops, node, y, dy }) => {
    const weighted = ops.mul(dy, y);
    return [ops.sub(weighted, ops.mul(y, ops.reduceSum(weighted, [int(node, 'axis', -1)], true)))];
  },
  LogSoftmax: ({ ops, node, y, dy }) => [
    ops.sub(dy, ops.mul(ops.exp(y), ops.reduceSum(dy, [int(node, 'axis', -1)], true))),
  ],
  /** Ba, Kiros and Hinton, Layer Normalization (2016). 1/√(σ² + ε) comes from the forward node: finite also where σ = 0. */
  LayerNormalization: ({ ops, node, inputs: [, , bias], dy }, x, scale) => {
    const [, mean, inverseDeviation] = node.outputs;
    if (!mean || !inverseDeviation || int(node, 'axis', -1) !== -1)
      throw unsupported(node, 'needs axis -1 and its three outputs');
    const normal = ops.mul(ops.sub(x, mean), inverseDeviation);
    const scaled = ops.mul(dy, scale);
    const average = (value) => ops.reduceMean(value, [-1], true);
    const centred = ops.sub(ops.sub(scaled, average(scaled)), ops.mul(normal, average(ops.mul(scaled, normal))));
    return [ops.mul(centred, inverseDeviation), sumTo(ops, ops.mul(dy, normal), scale), bias && sumTo(ops, dy, bias)];
  },
  Gather: ({ ops, node, dy }, table, ids) => {
    if (int(node, 'axis', 0) !== 0) throw unsupported(node, 'has a gradient on axis 0 only');
    const [count = 0, ...rest] = staticShape(table);
    const width = rest.reduce((size, dim) => size * dim, 1);
    const flat = ops.graph.node('Reshape', [dy, ops.graph.ints([-1, width])]);
    const flatIds = ops.graph.node('Reshape', [ids, ops.graph.ints([-1])]);
    const dTable =
      count <= oneHotRows
        ? gemm(ops, ops.oneHot(flatIds, count), flat, true, false)
        : ops.scatterAdd(zeros(ops, [count, width]), ops.expandLike(ops.unsqueeze(flatIds, [1]), flat), flat);
    return [ops.reshapeLike(dTable, table), undefined];
  },
  Concat: ({ ops, node, inputs, dy }) => {
    const axis = int(node, 'axis', 0);
    const sizes = inputs.map((input) => input.shape.at(axis));
    if (!sizes.every((size) => typeof size === 'number')) throw unsupported(node, `needs fixed sizes on axis ${axis}`);
    return ops.split(dy, sizes, axis);
  },
  Split: ({ ops, node, all }) => [
    ops.concat(
      node.outputs.map((output, part) => all[part] ?? ops.zerosLike(output)),
      int(node, 'axis', 0),
    ),
  ],
  Reshape: ({ ops, dy }, x) => [ops.reshapeLike(dy, x)],
  Squeeze: ({ ops, dy }, x) => [ops.reshapeLike(dy, x)],
  Unsqueeze: ({ ops, dy }, x) => [ops.reshapeLike(dy, x)],
  Transpose: ({ ops, node, dy }, x) => {
    const attribute = node.attributes['perm'];
    const order = attribute && 'ints' in attribute ? attribute.ints : x.shape.map((_, axis) => axis).reverse();
    return [
      ops.transpose(
        dy,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    ];
  },
  ReduceSum: (backward, x) => [spread(backward, x)],
  ReduceMean: (backward, x) => {
    const { ops, y } = backward;
    return [ops.mul(spread(backward, x), ops.div(ops.count(y), ops.count(x)))];
  },
};
/** @throws TY1504, always: for a use of an operator that its rule does not cover. */
export function unsupported({ op, scope }, why) {
  const list = Object.keys(gradientRules).join(', ');
  const where = scope === '' ? op : `layer ${scope}: ${op}`;
  return new TrainyardError('TY1504', `${where} ${why}; operators with a gradient: ${list}`);
}
/** Undoes broadcasting: the gradient summed over the axes along which `target` was repeated. */
function sumTo(ops, gradient, target) {
  const extra = gradient.shape.length - target.shape.length;
  if (extra > 0 && target.shape.length === 1 && target.shape[0] === gradient.shape.at(-1))
    return sumRows(ops, gradient, target);
  const leading = Array.from({ length: extra }, (_, axis) => axis);
  const inner = extra > 0 ? ops.reduceSum(gradient, leading) : gradient;
  const repeated = target.shape.flatMap((dim, axis) => (dim === 1 && inner.shape[axis] !== 1 ? [axis] : []));
  return repeated.length > 0 ? ops.reduceSum(inner, repeated, true) : inner;
}
/** The gradient of a bias: all axes but the last summed by 1ᵀ·dY, in a tenth of ReduceSum's time (3 and 40 µs for 128 × 256). */
function sumRows(ops, gradient, { shape, dtype }) {
  const flat = gradient.shape.length === 2 ? gradient : rows(ops, gradient);
  const count = ops.graph.node('Shape', [flat], {
    attributes: { start: { i: 0 }, end: { i: 1 } },
    outputs: [{ dtype: 'int64', shape: [1] }],
  });
  const ones = ops.graph.node('Expand', [ops.graph.scalar(1, dtype), count], {
    outputs: [{ dtype, shape: flat.shape.slice(0, 1) }],
  });
  return ops.graph.node('MatMul', [ones, flat], { outputs: [{ dtype, shape }] });
}
/** The gradient of a sum: the same for every element that went into it. */
function spread({ ops, node, dy }, x) {
  if (int(node, 'keepdims', 1) === 1) return ops.expandLike(dy, x);
  const axes = node.inputs[1] && ops.graph.dataOf(node.inputs[1]);
  if (!(axes instanceof BigInt64Array)) return ops.expandLike(dy, x);
  const places = Array.from(axes, (axis) => normalAxis(Number(axis), x.shape.length) ?? 0);
  return ops.expandLike(ops.unsqueeze(dy, places), x);
}
function gemm(ops, a, b, transA, transB) {
  return ops.gemm(a, b, undefined, { transA, transB });
}
function rows(ops, x) {
  return ops.graph.node('Reshape', [x, ops.graph.ints([-1, Number(x.shape.at(-1))])]);
}
function swapLast(ops, x) {
  const order = x.shape.map((_, axis) => axis);
  const rank = order.length;
  return ops.transpose(x, [...order.slice(0, -2), rank - 1, rank - 2]);
}
function zeros(ops, shape) {
  return ops.graph.node('ConstantOfShape', [ops.graph.ints(shape)], { outputs: [{ dtype: 'float32', shape }] });
}
function int(node, name, otherwise) {
  const attribute = node.attributes[name];
  return attribute && 'i' in attribute ? attribute.i : otherwise;
}
function only(node, allowed) {
  const other = Object.keys(node.attributes).find((name) => !allowed.includes(name));
  if (other) throw unsupported(node, `has no gradient with the attribute ${other}`);
}
//# sourceMappingURL=gradient-rules.js.map
