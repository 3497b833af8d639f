/** Losses, stable at any logit, with class and sample weights. @module */
import { TrainyardError } from '../contracts/errors.js';
import { formatType } from '../onnx/tensor-type.js';
/**
 * Cross-entropy of softmax(logits) for logits float32[batch, classes] and class ids int64[batch]; agrees with PyTorch's
 * `cross_entropy(weight=…)`. Gradient: softmax(z) − onehot.
 */
export function softmaxCrossEntropy({ classWeights } = {}) {
  return {
    name: 'softmaxCrossEntropy',
    target: (output) => ({ dtype: 'int64', shape: output.shape.slice(0, -1), below: classesOf(output) }),
    build(ops, { output, target, weight }) {
      const classes = classesOf(output);
      const logProbability = ops.logSoftmax(output);
      const hot = ops.oneHot(target, classes);
      const each = ops.neg(ops.reduceSum(ops.mul(hot, logProbability), [-1], true));
      const byClass =
        classWeights && ops.matMul(hot, ops.graph.constant(perClass(classWeights, classes), [classes, 1]));
      return weightedMean(
        ops,
        each,
        ops.sub(ops.exp(logProbability), hot),
        combine(ops, byClass, rowWeight(ops, weight)),
      );
    },
  };
}
/**
 * Binary cross-entropy of sigmoid(logits), for logits and targets in [0, 1], both float32[batch, k]:
 * max(z, 0) − z·y + log1p(e^−|z|), as in PyTorch's `binary_cross_entropy_with_logits`. ONNX has no log1p; log1p(u) =
 * 2·atanh(u / (2 + u)) is exact for small u too. Gradient: sigmoid(z) − y. `classWeights` are [of 0, of 1].
 */
export function binaryCrossEntropy({ classWeights } = {}) {
  return {
    name: 'binaryCrossEntropy',
    target: sameType,
    build(ops, { output, target, weight }) {
      const u = ops.exp(ops.neg(ops.abs(output)));
      const log1p = ops.mul(2, ops.atanh(ops.div(u, ops.add(u, 2))));
      const each = ops.add(ops.sub(ops.relu(output), ops.mul(output, target)), log1p);
      const [negative = 1, positive = 1] = classWeights ? perClass(classWeights, 2) : [];
      const byClass = classWeights && ops.add(ops.mul(target, positive - negative), negative);
      const gradient = ops.sub(ops.sigmoid(output), target);
      return weightedMean(ops, each, gradient, combine(ops, byClass, rowWeight(ops, weight)));
    },
  };
}
/** (output − target)², for both float32[batch, k]. */
export function meanSquaredError() {
  return {
    name: 'meanSquaredError',
    target: sameType,
    build(ops, { output, target, weight }) {
      const error = ops.sub(output, target);
      return weightedMean(ops, ops.mul(error, error), ops.mul(2, error), rowWeight(ops, weight));
    },
  };
}
/** ½e² for |e| ≤ δ, δ·(|e| − ½δ) beyond (Huber, 1964; PyTorch's `huber_loss`), for both float32[batch, k]. @default delta: 1 */
export function huber({ delta = 1 } = {}) {
  return {
    name: 'huber',
    target: sameType,
    build(ops, { output, target, weight }) {
      const error = ops.sub(output, target);
      // With c = clip(e, −δ, δ) both branches are c·(e − ½c), and c is the derivative.
      const clipped = ops.clip(error, -delta, delta);
      return weightedMean(
        ops,
        ops.mul(clipped, ops.sub(error, ops.mul(0.5, clipped))),
        clipped,
        rowWeight(ops, weight),
      );
    },
  };
}
function weightedMean(ops, each, derivative, weight) {
  // The bound keeps a batch of weight 0 at 0 instead of 0/0.
  const total = weight ? ops.max(ops.reduceSum(ops.expandLike(weight, each)), 1e-12) : ops.count(each);
  const share = ops.div(weight ?? 1, total);
  return { loss: ops.reduceSum(ops.mul(each, share)), gradient: ops.mul(derivative, share), total };
}
function combine(ops, a, b) {
  return a && b ? ops.mul(a, b) : (a ?? b);
}
function rowWeight(ops, weight) {
  return weight && ops.unsqueeze(weight, [-1]);
}
function sameType(output) {
  return { dtype: 'float32', shape: output.shape };
}
function classesOf(output) {
  const classes = output.shape.at(-1);
  if (output.shape.length === 2 && typeof classes === 'number') return classes;
  throw new TrainyardError('TY1501', `softmaxCrossEntropy takes float32[batch, classes], not ${formatType(output)}`);
}
function perClass(weights, classes) {
  if (weights.length !== classes) {
    throw new TrainyardError('TY1501', `${weights.length} class weights for ${classes} classes`);
  }
  return Float32Array.from(weights);
}
//# sourceMappingURL=losses.js.map
