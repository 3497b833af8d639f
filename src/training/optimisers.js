/** p ← p − rate·b, b ← momentum·b + g, as PyTorch's `SGD` (no dampening, no Nesterov). @default momentum: 0 */
export function sgd({ momentum = 0 } = {}) {
  return {
    name: 'sgd',
    slots: momentum === 0 ? [] : ['momentum'],
    scalars: (_step, rate) => ({ rate }),
    update(ops, { parameter, gradient, scale, slots: [buffer] }, scalars) {
      const scaled = scale ? ops.mul(gradient, scale) : gradient;
      const direction = buffer ? ops.add(ops.mul(buffer, momentum), scaled) : scaled;
      const moved = ops.sub(parameter, ops.mul(direction, scalar(scalars, 'rate')));
      return buffer ? [moved, direction] : [moved];
    },
  };
}
/**
 * Kingma and Ba, Adam (2015), with section 2's order of the corrections; the same as PyTorch's `Adam` but for rounding. The
 * slots are the moments without their factors, M = m/(1−β₁) and V = v/(1−β₂), so that M ← β₁M + g and V ← β₂V + g²: ten
 * passes over memory instead of twelve, and the passes are what Adam costs. In these,
 * p ← p − rate · √(1−β₂ᵗ)/(1−β₁ᵗ) · (1−β₁)/√(1−β₂) · M / (√V + ε·√(1−β₂ᵗ)/√(1−β₂)).
 */
export function adam(options = {}) {
  return adamLike('adam', options, 0);
}
/** Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019), as PyTorch's `AdamW`. @default weightDecay: 0.01 */
export function adamW({ weightDecay = 0.01, ...options } = {}) {
  return adamLike('adamW', options, weightDecay);
}
function adamLike(name, { betas: [beta1, beta2] = [0.9, 0.999], epsilon = 1e-8 }, decay) {
  return {
    name,
    slots: ['mean', 'square'],
    scalars(step, rate) {
      const correction = Math.sqrt((1 - beta2 ** step) / (1 - beta2));
      const size = (rate * correction * (1 - beta1)) / (1 - beta1 ** step);
      const scalars = { size, epsilon: epsilon * correction };
      return decay === 0 ? scalars : { ...scalars, keep: 1 - rate * decay };
    },
    update(ops, { parameter, gradient, scale, slots: [mean = parameter, square = parameter], decays }, scalars) {
      const scaled = scale ? ops.mul(gradient, scale) : gradient;
      const newMean = ops.add(ops.mul(mean, beta1), scaled);
      const newSquare = ops.add(ops.mul(square, beta2), ops.mul(scaled, scaled));
      const ratio = ops.div(newMean, ops.add(ops.sqrt(newSquare), scalar(scalars, 'epsilon')));
      const kept = decays && decay !== 0 ? ops.mul(parameter, scalar(scalars, 'keep')) : parameter;
      return [ops.sub(kept, ops.mul(ratio, scalar(scalars, 'size'))), newMean, newSquare];
    },
  };
}
/**
 * The global norm √Σ‖g‖² of all gradients, and the factor that brings it down to `limit`: min(1, limit / (norm + 1e-6)), as
 * PyTorch's `clip_grad_norm_` (Pascanu et al., 2013).
 */
export function globalNorm(ops, gradients, limit) {
  const squares = gradients.map((gradient) => ops.reduceSumSquare(gradient));
  const norm = ops.sqrt(squares.reduce((sum, square) => ops.add(sum, square)));
  return { norm, scale: limit === undefined ? undefined : ops.min(1, ops.div(limit, ops.add(norm, 1e-6))) };
}
function scalar(scalars, name) {
  const value = scalars[name];
  if (!value) throw new RangeError(`the optimiser declares no scalar ${name}`);
  return value;
}
//# sourceMappingURL=optimisers.js.map
