/** What each ONNX operator makes of its inputs' types: the checks that run while a graph grows. @module */
import { broadcast, formatType, normalAxis, product, quotient, sameShape } from './tensor-type.js';
import type { Dim, DType, Shape, TensorType } from './tensor-type.js';

/** An attribute of a node, under the name of the protobuf field that carries it. */
export type Attribute =
  | { readonly i: number }
  | { readonly f: number }
  | { readonly s: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] };

/** What a rule sees of a node: its inputs' types, its attributes, and integers that an input holds where they are constant. */
export interface NodeTypes {
  readonly inputs: readonly TensorType[];
  int(name: string, otherwise: number): number;
  ints(name: string): readonly number[] | undefined;
  constantInts(input: number): readonly number[] | undefined;
}

/** Thrown by a rule; the graph adds the operator, the types and the layer. */
export class RuleBroken extends Error {
  constructor(
    readonly reason: string,
    readonly kind: 'shape' | 'dtype' = 'shape',
  ) {
    super(reason);
  }
}

export type ShapeRule = (node: NodeTypes) => readonly TensorType[];

const floats: readonly DType[] = ['float32', 'float64'];

/** Semantics: https://onnx.ai/onnx/operators/, operator set 20 (and `ai.onnx.ml` 3 for LabelEncoder). */
export const shapeRules: Readonly<Record<string, ShapeRule>> = {
  ...each(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Min', 'Max', 'Mod'], (node) => [elementwise(node)]),
  ...each(['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'], (node) => [
    { dtype: 'bool', shape: elementwise(node).shape },
  ]),
  ...each(['And', 'Or'], (node) => [typed(elementwise(node), ['bool'])]),
  Not: ({ inputs }) => [typed(at(inputs, 0), ['bool'])],
  ...each(
    ['Relu', 'Sigmoid', 'Tanh', 'Gelu', 'Erf', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Atanh', 'Floor', 'Sin', 'Cos'],
    ({ inputs }) => [typed(at(inputs, 0), floats)],
  ),
  ...each(['Neg', 'Abs', 'Sign', 'Identity', 'Clip'], ({ inputs }) => [at(inputs, 0)]),
  ...each(['Softmax', 'LogSoftmax'], (node) => {
    axisOf(node, -1);
    return [typed(at(node.inputs, 0), floats)];
  }),
  IsNaN: ({ inputs }) => [{ dtype: 'bool', shape: typed(at(inputs, 0), floats).shape }],
  Where: ({ inputs }) => {
    typed(at(inputs, 0), ['bool']);
    const dtype = oneDType(inputs.slice(1));
    return [{ dtype, shape: inputs.map(({ shape }) => shape).reduce(broadcastOrFail) }];
  },
  MatMul: ({ inputs }) => {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    const dtype = oneDType(inputs);
    if (a.shape.length < 2 || b.shape.length < 2) throw new RuleBroken('both need two axes or more');
    if (a.shape.at(-1) !== b.shape.at(-2)) throw new RuleBroken(`${inner(a)} meets ${String(b.shape.at(-2))}`);
    const outer = broadcastOrFail(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return [{ dtype, shape: [...outer, dim(a.shape, -2), dim(b.shape, -1)] }];
  },
  Gemm: (node) => {
    const dtype = oneDType(node.inputs);
    const [a, b] = [matrix(node, 0, 'transA'), matrix(node, 1, 'transB')];
    if (a[1] !== b[0]) throw new RuleBroken(`${String(a[1])} meets ${String(b[0])}`);
    const shape = [a[0], b[1]];
    const bias = node.inputs[2]?.shape ?? [];
    const sum = broadcast(shape, bias);
    if (!sum || !sameShape(sum, shape)) throw new RuleBroken('the third does not broadcast to the product');
    return [{ dtype, shape }];
  },
  ...each(['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceSumSquare'], (node) => {
    const { dtype, shape } = at(node.inputs, 0);
    const axes = (node.constantInts(1) ?? shape.map((_, axis) => axis)).map((axis) => axisIn(axis, shape));
    const kept = node.int('keepdims', 1) === 1;
    return [{ dtype, shape: shape.flatMap((size, axis) => (!axes.includes(axis) ? [size] : kept ? [1] : [])) }];
  }),
  Gather: (node) => {
    const [table, ids] = [at(node.inputs, 0), typed(at(node.inputs, 1), ['int64', 'int32'])];
    const axis = axisIn(node.int('axis', 0), table.shape);
    return [
      { dtype: table.dtype, shape: [...table.shape.slice(0, axis), ...ids.shape, ...table.shape.slice(axis + 1)] },
    ];
  },
  Concat: (node) => {
    const dtype = oneDType(node.inputs);
    const first = at(node.inputs, 0).shape;
    const axis = axisIn(node.int('axis', 0), first);
    const others = ({ shape }: TensorType): Shape => shape.toSpliced(axis, 1);
    if (node.inputs.some((input) => !sameShape(others(input), others(at(node.inputs, 0))))) {
      throw new RuleBroken(`the sizes differ on another axis than ${axis}`);
    }
    const sizes = node.inputs.map(({ shape }) => dim(shape, axis));
    const total = sizes.every((size) => typeof size === 'number')
      ? sizes.reduce((sum, size) => sum + size, 0)
      : sizes.join('+');
    return [{ dtype, shape: first.with(axis, total) }];
  },
  Split: (node) => {
    const { dtype, shape } = at(node.inputs, 0);
    const axis = axisIn(node.int('axis', 0), shape);
    const sizes = needInts(node, 1, 'sizes');
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total !== shape[axis]) throw new RuleBroken(`the parts ${sizes.join(' + ')} are not ${String(shape[axis])}`);
    return sizes.map((size) => ({ dtype, shape: shape.with(axis, size) }));
  },
  Reshape: (node) => {
    const { dtype, shape } = at(node.inputs, 0);
    const asked = needInts(node, 1, 'shape').map((size, axis) => (size === 0 ? dim(shape, axis) : size));
    const rest = quotient(
      [product(shape)],
      asked.filter((size) => size !== -1),
    );
    if (rest === undefined || (!asked.includes(-1) && rest !== 1))
      throw new RuleBroken(`cannot become [${asked.join(', ')}]`);
    return [{ dtype, shape: asked.map((size) => (size === -1 ? rest : size)) }];
  },
  Transpose: (node) => {
    const { dtype, shape } = at(node.inputs, 0);
    const order = node.ints('perm') ?? shape.map((_, axis) => axis).reverse();
    if (
      !sameShape(
        [...order].sort((a, b) => a - b),
        shape.map((_, axis) => axis),
      )
    )
      throw new RuleBroken(`no order of axes: ${order.join(', ')}`);
    return [{ dtype, shape: order.map((axis) => dim(shape, axis)) }];
  },
  Squeeze: (node) => {
    const { dtype, shape } = at(node.inputs, 0);
    const axes = needInts(node, 1, 'axes').map((axis) => axisIn(axis, shape));
    if (axes.some((axis) => shape[axis] !== 1))
      throw new RuleBroken(`only an axis of size 1 can go, not ${axes.join(', ')}`);
    return [{ dtype, shape: shape.filter((_, axis) => !axes.includes(axis)) }];
  },
  Unsqueeze: (node) => {
    const { dtype, shape } = at(node.inputs, 0);
    const axes = needInts(node, 1, 'axes');
    const rank = shape.length + axes.length;
    const places = axes.map((axis) => normalAxis(axis, rank));
    if (places.includes(undefined) || new Set(places).size < places.length)
      throw new RuleBroken(`no axes ${axes.join(', ')}`);
    const sizes = shape.values();
    return [
      {
        dtype,
        shape: Array.from({ length: rank }, (_, axis) => (places.includes(axis) ? 1 : (sizes.next().value ?? 1))),
      },
    ];
  },
  Slice: (node) => {
    const { dtype, shape } = at(node.inputs, 0);
    const [starts, ends, axes] = [needInts(node, 1, 'starts'), needInts(node, 2, 'ends'), needInts(node, 3, 'axes')];
    const sizes = [...shape];
    axes.forEach((given, k) => {
      const axis = axisIn(given, shape);
      const size = dim(shape, axis);
      if (typeof size !== 'number') throw new RuleBroken(`axis ${axis} has no fixed size to cut`);
      const bound = (end: number): number => Math.min(Math.max(end < 0 ? end + size : end, 0), size);
      sizes[axis] = Math.max(bound(ends[k] ?? size) - bound(starts[k] ?? 0), 0);
    });
    return [{ dtype, shape: sizes }];
  },
  Shape: ({ inputs }) => [{ dtype: 'int64', shape: [at(inputs, 0).shape.length] }],
  Size: () => [{ dtype: 'int64', shape: [] }],
};

function each(operators: readonly string[], rule: ShapeRule): Record<string, ShapeRule> {
  return Object.fromEntries(operators.map((operator) => [operator, rule]));
}

function at(inputs: readonly TensorType[], index: number): TensorType {
  const input = inputs[index];
  if (!input) throw new RuleBroken(`input ${index + 1} is missing`);
  return input;
}

function typed(type: TensorType, allowed: readonly DType[]): TensorType {
  if (!allowed.includes(type.dtype))
    throw new RuleBroken(`${formatType(type)} must be ${allowed.join(' or ')}`, 'dtype');
  return type;
}

function oneDType(inputs: readonly TensorType[]): DType {
  const { dtype } = at(inputs, 0);
  if (inputs.some((input) => input.dtype !== dtype)) throw new RuleBroken('the element types differ', 'dtype');
  return dtype;
}

function elementwise({ inputs }: NodeTypes): TensorType {
  return { dtype: oneDType(inputs), shape: inputs.map(({ shape }) => shape).reduce(broadcastOrFail) };
}

function broadcastOrFail(a: Shape, b: Shape): Shape {
  const shape = broadcast(a, b);
  if (!shape) throw new RuleBroken('the sizes do not broadcast');
  return shape;
}

function matrix(node: NodeTypes, input: number, transposed: string): readonly [Dim, Dim] {
  const { shape } = at(node.inputs, input);
  if (shape.length !== 2) throw new RuleBroken('Gemm takes matrices');
  return node.int(transposed, 0) === 1 ? [dim(shape, 1), dim(shape, 0)] : [dim(shape, 0), dim(shape, 1)];
}

function axisOf(node: NodeTypes, otherwise: number): number {
  return axisIn(node.int('axis', otherwise), at(node.inputs, 0).shape);
}

function axisIn(axis: number, shape: Shape): number {
  const normal = normalAxis(axis, shape.length);
  if (normal === undefined) throw new RuleBroken(`there is no axis ${axis}`);
  return normal;
}

function needInts(node: NodeTypes, input: number, what: string): readonly number[] {
  const values = node.constantInts(input);
  if (!values) throw new RuleBroken(`the ${what} must be constant`);
  return values;
}

function dim(shape: Shape, axis: number): Dim {
  const size = shape.at(axis);
  if (size === undefined) throw new RuleBroken(`there is no axis ${axis}`);
  return size;
}

function inner({ shape }: TensorType): string {
  return String(shape.at(-1));
}
