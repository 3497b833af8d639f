/** Layers of a network: parameters with names and first values, and the operators between them. @module */
import { randomUniform } from '../data/philox.js';
import type { Value } from '../onnx/graph.js';
import type { Operators } from '../onnx/operators.js';
import { TrainyardError } from '../contracts/errors.js';
import { formatType } from '../onnx/tensor-type.js';
import type { Shape, TensorType } from '../onnx/tensor-type.js';

/** What training changes. Only a `weight` decays. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: 'weight' | 'bias' | 'norm' | 'embedding';
  /** Its first values: one number, or uniform in ± a bound. */
  readonly first: { readonly value: number } | { readonly bound: number };
}

/** A mask that is fed in training: 0 with probability `rate`, else 1 / (1 − rate). The first axis is the batch. */
export interface DropoutMask {
  readonly name: string;
  readonly shape: Shape;
  readonly rate: number;
}

/** Ids that some input feeds to a table: 0 ≤ id < rows. */
export interface IdRange {
  readonly input: string;
  readonly rows: number;
}

/** Where a network's parameters and masks come from: inputs of a training graph, weights of a served one. */
export interface LayerSource {
  parameter(parameter: Parameter): Value;
  /** Undefined outside of training: nothing is dropped. */
  mask(mask: DropoutMask): Value | undefined;
}

/** A network: one function that builds the training graph, the evaluation graph and the served model alike. */
export interface Network {
  /** What it is fed, by column; the first size of each is `'batch'`. Ids are int64. */
  readonly inputs: Readonly<Record<string, TensorType>>;
  /**
   * The output, for example logits float32[batch, classes].
   * @example (layers, { x }) => layers.dense('out', layers.ops.relu(layers.dense('hidden', x, 64)), 10)
   */
  forward(layers: Layers, inputs: Readonly<Record<string, Value>>): Value;
}

/** Random numbers of one seed are kept apart by what they are for (`purpose` of src/data/philox.ts). */
export const randomPurpose = {
  firstWeights: 1,
  dropout: 2,
  forgottenWords: 3,
  heldOutRows: 4,
  orderOfRows: 5,
} as const;

export class Layers {
  readonly parameters: Parameter[] = [];
  readonly masks: DropoutMask[] = [];
  readonly idRanges: IdRange[] = [];

  constructor(
    readonly ops: Operators,
    readonly source: LayerSource,
  ) {}

  /** A parameter for a layer of one's own. @throws TY1503 two parameters of one name */
  parameter(parameter: Parameter): Value {
    const value = this.source.parameter(parameter);
    this.parameters.push(parameter);
    return value;
  }

  /**
   * x·W + b along the last axis: float32[…, n] to float32[…, units]. W is uniform in ±√(6 / (n + units)) (Glorot and Bengio,
   * 2010), b starts at 0.
   */
  dense(name: string, x: Value, units: number): Value {
    return this.ops.graph.scope(name, () => {
      const width = lastSize(x);
      const bound = Math.sqrt(6 / (width + units));
      const weight = this.parameter({
        name: `${name}.weight`,
        shape: [width, units],
        role: 'weight',
        first: { bound },
      });
      const bias = this.parameter({ name: `${name}.bias`, shape: [units], role: 'bias', first: { value: 0 } });
      return x.shape.length === 2 ? this.ops.gemm(x, weight, bias) : this.ops.add(this.ops.matMul(x, weight), bias);
    });
  }

  /**
   * Rows of a trained table by id: int64[…] to float32[…, width]; uniform in ±0.05 at first. Ids that are an input of the
   * network are checked against `rows` before each run; computed ones are not.
   */
  embedding(name: string, ids: Value, { rows, width }: { readonly rows: number; readonly width: number }): Value {
    return this.ops.graph.scope(name, () => {
      this.idRanges.push({ input: ids.name, rows });
      const table = this.parameter({
        name: `${name}.table`,
        shape: [rows, width],
        role: 'embedding',
        first: { bound: 0.05 },
      });
      return this.ops.gather(table, ids);
    });
  }

  /** (x − μ) / √(σ² + ε) · scale + bias along the last axis (Ba, Kiros and Hinton, 2016). */
  layerNorm(name: string, x: Value, { epsilon = 1e-5 }: { readonly epsilon?: number } = {}): Value {
    return this.ops.graph.scope(name, () => {
      const shape = [lastSize(x)];
      const scale = this.parameter({ name: `${name}.scale`, shape, role: 'norm', first: { value: 1 } });
      const bias = this.parameter({ name: `${name}.bias`, shape, role: 'norm', first: { value: 0 } });
      return this.ops.layerNorm(x, scale, bias, epsilon);
    });
  }

  /** In training `x` times a random mask (inverted dropout: Srivastava et al., 2014), else `x`. */
  dropout(name: string, x: Value, rate: number): Value {
    const mask = { name: `${name}.mask`, shape: x.shape, rate };
    const value = this.source.mask(mask);
    if (!value) return x;
    this.masks.push(mask);
    return this.ops.graph.scope(name, () => this.ops.mul(x, value));
  }
}

/** First values of parameters: a pure function of the seed, the order of the parameters and their shapes. */
export function firstWeights(parameters: readonly Parameter[], seed: number): Record<string, Float32Array> {
  const weights = parameters.map(({ name, shape, first }, layer) => {
    const data = new Float32Array(shape.reduce((size, dim) => size * dim, 1));
    if ('value' in first) return [name, data.fill(first.value)] as const;
    randomUniform({ seed, purpose: randomPurpose.firstWeights, layer }, data);
    return [name, data.map((uniform) => (2 * uniform - 1) * first.bound)] as const;
  });
  return Object.fromEntries(weights);
}

function lastSize(x: Value): number {
  const size = x.shape.at(-1);
  if (typeof size === 'number') return size;
  throw new TrainyardError('TY1501', `${formatType(x)} needs a fixed size on its last axis`);
}
