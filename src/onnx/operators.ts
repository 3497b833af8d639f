/** The operators as methods, so that a formula reads like one: `ops.add(ops.matMul(x, w), b)`. @module */
import { numbers, staticShape } from './graph.js';
import type { Graph, Value } from './graph.js';
import { dtypeNumbers, isStatic, sameShape } from './tensor-type.js';
import type { DType, Shape } from './tensor-type.js';

/** A value, or a number that becomes a scalar of the other operand's element type. */
export type Operand = Value | number;

/** One-line wrappers over `graph.node`; semantics, names and attribute defaults are ONNX's (https://onnx.ai/onnx/operators/). */
export class Operators {
  constructor(readonly graph: Graph) {}

  readonly add = this.#binary('Add');
  readonly sub = this.#binary('Sub');
  readonly mul = this.#binary('Mul');
  readonly div = this.#binary('Div');
  readonly pow = this.#binary('Pow');
  readonly mod = this.#binary('Mod');
  readonly min = this.#binary('Min');
  readonly max = this.#binary('Max');
  readonly equal = this.#binary('Equal');
  readonly greater = this.#binary('Greater');
  readonly less = this.#binary('Less');
  readonly and = this.#binary('And');
  readonly or = this.#binary('Or');

  readonly not = this.#unary('Not');
  readonly neg = this.#unary('Neg');
  readonly abs = this.#unary('Abs');
  readonly sign = this.#unary('Sign');
  readonly exp = this.#unary('Exp');
  readonly log = this.#unary('Log');
  readonly sqrt = this.#unary('Sqrt');
  readonly floor = this.#unary('Floor');
  readonly sin = this.#unary('Sin');
  readonly cos = this.#unary('Cos');
  readonly erf = this.#unary('Erf');
  readonly atanh = this.#unary('Atanh');
  readonly relu = this.#unary('Relu');
  readonly sigmoid = this.#unary('Sigmoid');
  readonly tanh = this.#unary('Tanh');
  /** x·Φ(x), exact. */
  readonly gelu = this.#unary('Gelu');
  readonly isNaN = this.#unary('IsNaN');
  readonly identity = this.#unary('Identity');

  matMul(a: Value, b: Value): Value {
    return this.graph.node('MatMul', [a, b]);
  }

  /** a·b + bias for matrices, either transposed first. */
  gemm(a: Value, b: Value, bias?: Value, { transA = false, transB = false } = {}): Value {
    const attributes = { transA: { i: Number(transA) }, transB: { i: Number(transB) } };
    return this.graph.node('Gemm', bias ? [a, b, bias] : [a, b], { attributes });
  }

  softmax(x: Value, axis = -1): Value {
    return this.graph.node('Softmax', [x], { attributes: { axis: { i: axis } } });
  }

  logSoftmax(x: Value, axis = -1): Value {
    return this.graph.node('LogSoftmax', [x], { attributes: { axis: { i: axis } } });
  }

  /** (x − μ) / √(σ² + ε) · scale + bias along the last axis. The node's other outputs, μ and 1/√(σ² + ε), serve its gradient. */
  layerNorm(x: Value, scale: Value, bias: Value, epsilon: number): Value {
    const each = { dtype: x.dtype, shape: x.shape.with(-1, 1) };
    const attributes = { axis: { i: -1 }, epsilon: { f: epsilon } };
    const [y = x] = this.graph.outputsOf('LayerNormalization', [x, scale, bias], {
      attributes,
      outputs: [x, each, each],
    });
    return y;
  }

  /** Sum over axes. @default axes: all; the axes go unless kept */
  reduceSum(x: Value, axes?: readonly number[], keep = false): Value {
    return this.#reduce('ReduceSum', x, axes, keep);
  }

  reduceMean(x: Value, axes?: readonly number[], keep = false): Value {
    return this.#reduce('ReduceMean', x, axes, keep);
  }

  reduceSumSquare(x: Value, axes?: readonly number[], keep = false): Value {
    return this.#reduce('ReduceSumSquare', x, axes, keep);
  }

  reduceMax(x: Value, axes?: readonly number[], keep = false): Value {
    return this.#reduce('ReduceMax', x, axes, keep);
  }

  where(condition: Value, yes: Operand, no: Operand): Value {
    return this.graph.node('Where', [condition, ...this.#operands(yes, no)]);
  }

  /** x held between two bounds. */
  clip(x: Value, low: number, high: number): Value {
    return this.graph.node('Clip', [x, this.graph.scalar(low, x.dtype), this.graph.scalar(high, x.dtype)]);
  }

  cast(x: Value, to: DType): Value {
    if (x.dtype === to) return x;
    const attributes = { to: { i: dtypeNumbers[to] } };
    return this.graph.node('Cast', [x], { attributes, outputs: [{ dtype: to, shape: x.shape }] });
  }

  /** Rows of a table (or slices along another axis) by index. */
  gather(table: Value, ids: Value, axis = 0): Value {
    return this.graph.node('Gather', [table, ids], { attributes: { axis: { i: axis } } });
  }

  concat(values: readonly Value[], axis: number): Value {
    return this.graph.node('Concat', values, { attributes: { axis: { i: axis } } });
  }

  /** Parts of stated sizes along an axis. */
  split(x: Value, sizes: readonly number[], axis: number): readonly Value[] {
    return this.graph.outputsOf('Split', [x, this.graph.ints(sizes)], { attributes: { axis: { i: axis } } });
  }

  /** A new shape; it may name the symbols that `x` has: `reshape(x, ['batch', 32])`. */
  reshape(x: Value, shape: Shape): Value {
    const sizes = shape.map((dim, axis) => (typeof dim === 'number' ? dim : dim === x.shape[axis] ? 0 : -1));
    return this.graph.node('Reshape', [x, this.graph.ints(sizes)]);
  }

  /** `x` in the shape of `like`, which may have several sizes known only at run time. */
  reshapeLike(x: Value, like: Value): Value {
    return this.graph.node('Reshape', [x, this.shape(like)], { outputs: [{ dtype: x.dtype, shape: like.shape }] });
  }

  transpose(x: Value, order: readonly number[]): Value {
    return this.graph.node('Transpose', [x], { attributes: { perm: { ints: order } } });
  }

  squeeze(x: Value, axes: readonly number[]): Value {
    return this.graph.node('Squeeze', [x, this.graph.ints(axes)]);
  }

  unsqueeze(x: Value, axes: readonly number[]): Value {
    return this.graph.node('Unsqueeze', [x, this.graph.ints(axes)]);
  }

  slice(x: Value, axis: number, start: number, end: number): Value {
    return this.graph.node('Slice', [x, ...[start, end, axis].map((value) => this.graph.ints([value]))]);
  }

  /** 0 in every element of the shape that `like` has at run time. */
  zerosLike(like: Value): Value {
    return this.expandLike(this.graph.scalar(0, like.dtype), like);
  }

  /** The shape at run time. */
  shape(x: Value): Value {
    return isStatic(x.shape) ? this.graph.ints(x.shape) : this.graph.node('Shape', [x]);
  }

  /** How many elements `x` has at run time, as a float32 scalar: a batch's own size, not the usual one. */
  count(x: Value): Value {
    if (isStatic(x.shape)) return this.graph.scalar(x.shape.reduce((size, dim) => size * dim, 1));
    return this.cast(this.graph.node('Size', [x]), 'float32');
  }

  /** `x` repeated to the shape that `like` has at run time. */
  expandLike(x: Value, like: Value): Value {
    if (sameShape(x.shape, like.shape)) return x;
    return this.graph.node('Expand', [x, this.shape(like)], { outputs: [{ dtype: x.dtype, shape: like.shape }] });
  }

  /** 1 at each index along a new last axis of `depth`, 0 elsewhere. Indices must lie in [0, depth). */
  oneHot(ids: Value, depth: number, dtype: DType = 'float32'): Value {
    const values = this.graph.constant(numbers([0, 1], dtype));
    const outputs = [{ dtype, shape: [...ids.shape, depth] }];
    return this.graph.node('OneHot', [ids, this.graph.ints([depth]), values], { outputs });
  }

  /** Strings to indices: `words[k]` becomes k, anything else `otherwise` (ai.onnx.ml LabelEncoder). */
  labelEncoder(x: Value, words: readonly string[], otherwise: number): Value {
    return this.graph.node('LabelEncoder', [x], {
      domain: 'ai.onnx.ml',
      attributes: {
        keys_strings: { strings: words },
        values_int64s: { ints: words.map((_, index) => index) },
        default_int64: { i: otherwise },
      },
      outputs: [{ dtype: 'int64', shape: x.shape }],
    });
  }

  /** `data` with `updates` added at `indices` along the first axis, in the order of the updates (also where indices repeat). */
  scatterAdd(data: Value, indices: Value, updates: Value): Value {
    return this.graph.node('ScatterElements', [data, indices, updates], {
      attributes: { axis: { i: 0 }, reduction: { s: 'add' } },
      outputs: [{ dtype: data.dtype, shape: staticShape(data) }],
    });
  }

  #binary(op: string) {
    return (a: Operand, b: Operand): Value => this.graph.node(op, this.#operands(a, b));
  }

  #unary(op: string) {
    return (x: Value): Value => this.graph.node(op, [x]);
  }

  #operands(a: Operand, b: Operand): readonly Value[] {
    const dtype = typeof a !== 'number' ? a.dtype : typeof b !== 'number' ? b.dtype : 'float32';
    return [a, b].map((operand) => (typeof operand === 'number' ? this.graph.scalar(operand, dtype) : operand));
  }

  #reduce(op: string, x: Value, axes: readonly number[] | undefined, keep: boolean): Value {
    const inputs = axes ? [x, this.graph.ints(axes)] : [x];
    return this.graph.node(op, inputs, { attributes: { keepdims: { i: Number(keep) } } });
  }
}
