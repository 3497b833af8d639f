/** Element types and shapes of tensors, with sizes that may be known only at run time. @module */

/** Element types that the builder knows, each with its number in ONNX's `TensorProto.DataType`. */
export const dtypeNumbers = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float64: 11,
} as const;

export type DType = keyof typeof dtypeNumbers;

/**
 * One size of a shape: a number, or a symbol such as `'batch'` that stands for the same size wherever it occurs. The
 * product of sizes is a symbol too (`'4*batch'`), see {@link product}.
 */
export type Dim = number | string;

export type Shape = readonly Dim[];

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A type as people read it: `float32[batch, 128]`, a scalar: `float32[]`. */
export function formatType({ dtype, shape }: TensorType): string {
  return `${dtype}[${shape.join(', ')}]`;
}

/** Whether every size is a number. */
export function isStatic(shape: Shape): shape is readonly number[] {
  return shape.every((dim) => typeof dim === 'number');
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** The shape of an elementwise result under NumPy's broadcasting rules, or undefined where two sizes do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const shape: Dim[] = [];
  for (let axis = 1; axis <= Math.max(a.length, b.length); axis++) {
    const left = a.at(-axis) ?? 1;
    const right = b.at(-axis) ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    shape.unshift(left === 1 ? right : left);
  }
  return shape;
}

/** How many elements a shape has: `product([4, 'batch'])` is `'4*batch'`, `product([])` is 1. */
export function product(shape: Shape): Dim {
  const { count, symbols } = factors(shape);
  if (symbols.length === 0 || count === 0) return count;
  return [...(count === 1 ? [] : [String(count)]), ...symbols].join('*');
}

/** The size that makes `rest` times it equal to `whole`, or undefined where there is none: what -1 means in a reshape. */
export function quotient(whole: Shape, rest: Shape): Dim | undefined {
  const numerator = factors(whole);
  const denominator = factors(rest);
  const symbols = [...numerator.symbols];
  for (const symbol of denominator.symbols) {
    const at = symbols.indexOf(symbol);
    if (at < 0) return undefined;
    symbols.splice(at, 1);
  }
  const count = numerator.count / denominator.count;
  return Number.isInteger(count) ? product([count, ...symbols]) : undefined;
}

/** An axis counted from the front; -1 is the last of `rank`. Undefined where there is no such axis. */
export function normalAxis(axis: number, rank: number): number | undefined {
  const normal = axis < 0 ? axis + rank : axis;
  return Number.isInteger(normal) && normal >= 0 && normal < rank ? normal : undefined;
}

function factors(shape: Shape): { count: number; symbols: readonly string[] } {
  let count = 1;
  const symbols: string[] = [];
  for (const dim of shape) {
    for (const part of String(dim).split('*')) {
      if (/^\d+$/.test(part)) count *= Number(part);
      else symbols.push(part);
    }
  }
  return { count, symbols: symbols.sort() };
}
