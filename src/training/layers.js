/** Layers of a network: parameters with names and first values, and the operators between them. @module */
import { randomUniform } from '../data/philox.js';
import { TrainyardError } from '../contracts/errors.js';
import { formatType } from '../onnx/tensor-type.js';
/** Random numbers of one seed are kept apart by what they are for (`purpose` of src/data/philox.ts). */
export const randomPurpose = {
  firstWeights: 1,
  dropout: 2,
  forgottenWords: 3,
  heldOutRows: 4,
  orderOfRows: 5,
};
export class Layers {
  ops;
  source;
  parameters = [];
  masks = [];
  idRanges = [];
  constructor(ops, source) {
    this.ops = ops;
    this.source = source;
  }
  /** A parameter for a layer of one's own. @throws TY1503 two parameters of one name */
  parameter(parameter) {
    const value = this.source.parameter(parameter);
    this.parameters.push(parameter);
    return value;
  }
  /**
   * x·W + b along the last axis: float32[…, n] to float32[…, units]. W is uniform in ±√(6 / (n + units)) (Glorot and Bengio,
   * 2010), b starts at 0.
   */
  dense(name, x, units) {
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
  embedding(name, ids, { rows, width }) {
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
  layerNorm(name, x, { epsilon = 1e-5 } = {}) {
    return this.ops.graph.scope(name, () => {
      const shape = [lastSize(x)];
      const scale = this.parameter({ name: `${name}.scale`, shape, role: 'norm', first: { value: 1 } });
      const bias = this.parameter({ name: `${name}.bias`, shape, role: 'norm', first: { value: 0 } });
      return this.ops.layerNorm(x, scale, bias, epsilon);
    });
  }
  /** In training `x` times a random mask (inverted dropout: Srivastava et al., 2014), else `x`. */
  dropout(name, x, rate) {
    const mask = { name: `${name}.mask`, shape: x.shape, rate };
    const value = this.source.mask(mask);
    if (!value) return x;
    this.masks.push(mask);
    return this.ops.graph.scope(name, () => this.ops.mul(x, value));
  }
}
/** First values of parameters: a pure function of the seed, the order of the parameters and their shapes. */
export function firstWeights(parameters, seed) {
  const weights = parameters.map(({ name, shape, first }, layer) => {
    const data = new Float32Array(shape.reduce((size, dim) => size * dim, 1));
    if ('value' in first) return [name, data.fill(first.value)];
    randomUniform({ seed, purpose: randomPurpose.firstWeights, layer }, data);
    return [name, data.map((uniform) => (2 * uniform - 1) * first.bound)];
  });
  return Object.fromEntries(weights);
}
function lastSize(x) {
  const size = x.shape.at(-1);
  if (typeof size === 'number') return size;
  throw new TrainyardError('TY1501', `${formatType(x)} needs a fixed size on its last axis`);
}
//# sourceMappingURL=layers.js.map
