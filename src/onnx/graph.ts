/** A graph of ONNX operators that checks types and shapes as it grows. @module */
import { TrainyardError } from '../contracts/errors.js';
import { RuleBroken, shapeRules } from './shape-rules.js';
import type { Attribute } from './shape-rules.js';
import { formatType, isStatic } from './tensor-type.js';
import type { DType, Shape, TensorType } from './tensor-type.js';

/** A tensor of a graph: an input, an initialiser or what a node makes. Compared by identity; the name is unique. */
export interface Value extends TensorType {
  readonly name: string;
}

/** Numbers as the tensor's element type stores them (a bool is one byte), strings as an array. */
export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | readonly string[];

/** An attribute, or for `Loop` the graph that is its body with what that graph returns, in order. */
export type NodeAttribute =
  Attribute | { readonly body: { readonly graph: Graph; readonly outputs: readonly Value[] } };

export interface Node {
  readonly op: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  readonly name: string;
  /** The layer that made it, `/` between nested ones; empty outside of any. */
  readonly scope: string;
  /** An undefined input is an optional one left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, NodeAttribute>>;
}

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, NodeAttribute>>;
  /** @default '' ONNX's own operators */
  readonly domain?: string;
  /** Types of the outputs, for an operator that has no rule in shape-rules.ts or whose rule cannot know them. */
  readonly outputs?: readonly TensorType[];
}

/** @example
 * const graph = new Graph();
 * const x = graph.input('x', 'float32', ['batch', 3]);
 * const w = graph.initialiser('w', new Float32Array(6), [3, 2]);
 * const y = graph.scope('dense', () => graph.node('MatMul', [x, w])); // float32[batch, 2]
 */
export class Graph {
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly initialisers = new Map<Value, TensorData>();
  readonly #names: Set<string>;
  readonly #constants = new Map<string, Value>();
  #scope: string[];

  /** A graph with a parent is the body of a `Loop` in it: it may use the parent's values, so their names are shared. */
  constructor(readonly parent?: Graph) {
    this.#names = parent ? parent.#names : new Set();
    this.#scope = parent ? [...parent.#scope, 'body'] : [];
  }

  /** What the model is fed. @throws TY1503 where the name is taken. */
  input(name: string, dtype: DType, shape: Shape): Value {
    const value = this.#value(name, { dtype, shape });
    this.inputs.push(value);
    return value;
  }

  /** A named tensor that the model carries: `data` in row-major order. @throws TY1501 where `data` does not fill `shape`. */
  initialiser(name: string, data: TensorData, shape: readonly number[]): Value {
    const size = shape.reduce((count, dim) => count * dim, 1);
    if (data.length !== size) {
      throw new TrainyardError(
        'TY1501',
        `initialiser ${name}: ${data.length} elements do not fill [${shape.join(', ')}]`,
      );
    }
    const value = this.#value(name, { dtype: dtypeOf(data), shape });
    this.initialisers.set(value, data);
    return value;
  }

  /** An unnamed initialiser; the same small constant is kept once. @default shape: one axis for an array */
  constant(data: TensorData, shape: readonly number[] = [data.length]): Value {
    const key = data.length > 64 ? undefined : [dtypeOf(data), shape.join(), ...data].join(' ');
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known) return known;
    const value = this.initialiser(this.#fresh('constant', ''), data, shape);
    if (key !== undefined) this.#constants.set(key, value);
    return value;
  }

  /** A number as a scalar of an element type. */
  scalar(value: number, dtype: DType = 'float32'): Value {
    return this.constant(numbers([value], dtype), []);
  }

  /** int64 values: axes, shapes, sizes. */
  ints(values: readonly number[]): Value {
    return this.constant(numbers(values, 'int64'));
  }

  /** Names what `build` adds after a layer: in node names, and in the message of a shape that does not fit. */
  scope<T>(name: string, build: () => T): T {
    this.#scope.push(name);
    try {
      return build();
    } finally {
      this.#scope.pop();
    }
  }

  /** A node with one output; see {@link outputsOf}. */
  node(op: string, inputs: readonly (Value | undefined)[], options: NodeOptions = {}): Value {
    const [output] = this.outputsOf(op, inputs, options);
    if (!output) throw new TrainyardError('TY1503', `${this.#where(op)} has no output`);
    return output;
  }

  /**
   * A node with any number of outputs.
   * @throws TY1501 two shapes do not fit, TY1502 element types do not, TY1503 an operator without a rule or output types;
   * each names the operator, the types and the layer.
   */
  outputsOf(op: string, inputs: readonly (Value | undefined)[], options: NodeOptions = {}): readonly Value[] {
    const attributes = options.attributes ?? {};
    const types = options.outputs ?? this.#infer(op, inputs, attributes);
    const scope = this.#scope.join('/');
    const name = this.#fresh(op, scope);
    const outputs = types.map((type, index) => this.#value(index === 0 ? `${name}.out` : `${name}.out${index}`, type));
    this.nodes.push({ op, domain: options.domain ?? '', name, scope, inputs, outputs, attributes });
    return outputs;
  }

  /** The data of a value that is constant, in this graph or one around it. */
  dataOf(value: Value): TensorData | undefined {
    return this.initialisers.get(value) ?? this.parent?.dataOf(value);
  }

  #infer(op: string, inputs: readonly (Value | undefined)[], attributes: NodeOptions['attributes'] = {}) {
    const rule = shapeRules[op];
    if (!rule)
      throw new TrainyardError('TY1503', `${this.#where(op)}: no shape rule, so its output types must be given`);
    const given = inputs.filter((input) => input !== undefined);
    try {
      return rule({
        inputs: given,
        int: (name, otherwise) => {
          const attribute = attributes[name];
          return attribute && 'i' in attribute ? attribute.i : otherwise;
        },
        ints: (name) => {
          const attribute = attributes[name];
          return attribute && 'ints' in attribute ? attribute.ints : undefined;
        },
        constantInts: (index) => {
          const data = inputs[index] && this.dataOf(inputs[index]);
          return data instanceof BigInt64Array ? Array.from(data, Number) : undefined;
        },
      });
    } catch (error) {
      if (!(error instanceof RuleBroken)) throw error;
      const what = `${this.#where(op)}: ${given.map(formatType).join(' and ')}: ${error.reason}`;
      throw new TrainyardError(error.kind === 'shape' ? 'TY1501' : 'TY1502', what, { cause: error });
    }
  }

  #value(name: string, type: TensorType): Value {
    if (this.#names.has(name)) throw new TrainyardError('TY1503', `the graph already has a value named ${name}`);
    this.#names.add(name);
    return { name, dtype: type.dtype, shape: type.shape };
  }

  #fresh(op: string, scope: string): string {
    const stem = scope === '' ? op : `${scope}/${op}`;
    for (let count = 0; ; count++) {
      const name = count === 0 ? stem : `${stem}_${count}`;
      if (!this.#names.has(name) && !this.#names.has(`${name}.out`)) return name;
    }
  }

  #where(op: string): string {
    return this.#scope.length === 0 ? op : `layer ${this.#scope.join('/')}: ${op}`;
  }
}

/** Numbers in the array that stores an element type. */
export function numbers(values: readonly number[], dtype: DType): TensorData {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(values);
    case 'float64':
      return Float64Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'int64':
      return BigInt64Array.from(values, (value) => BigInt(value));
    case 'uint8':
      return Uint8Array.from(values);
    case 'bool':
    case 'string':
      throw new TrainyardError('TY1502', `a number cannot be stored as ${dtype}`);
  }
}

/** The sizes of a shape that must be known when the graph is built. @throws TY1501 */
export function staticShape(value: Value): readonly number[] {
  if (isStatic(value.shape)) return value.shape;
  throw new TrainyardError('TY1501', `${value.name}: ${formatType(value)} must have fixed sizes`);
}

function dtypeOf(data: TensorData): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof Uint8Array) return 'uint8';
  return 'string';
}
