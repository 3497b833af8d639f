/** Reverse-mode differentiation of a graph: the gradients are more nodes of the same graph. @module */
import { TrainyardError } from '../contracts/errors.js';
import { formatType, sameShape } from '../onnx/tensor-type.js';
import { gradientRules, unsupported } from './gradient-rules.js';
/**
 * The gradient of a loss with respect to each of `wrt`, in their order and shapes.
 * @example
 * const [dw] = gradients(ops, { of: loss, gradient: graph.scalar(1) }, [w]);
 * @throws TY1504 the loss depends on one of them through an operator without a rule; the message lists those with one
 * @throws TY1503 the loss does not depend on one of them at all
 */
export function gradients(ops, seed, wrt) {
  if (!sameShape(seed.of.shape, seed.gradient.shape)) {
    throw new TrainyardError('TY1501', `gradient ${formatType(seed.gradient)} of a value ${formatType(seed.of)}`);
  }
  const { nodes } = ops.graph;
  const path = dependents(nodes, wrt);
  const found = new Map([[seed.of, seed.gradient]]);
  for (const node of nodes.toReversed()) {
    const all = node.outputs.map((output) => found.get(output));
    const [y] = node.outputs;
    if (!y || !all.some((dy) => dy) || !node.inputs.some((input) => input && path.has(input))) continue;
    const given = ops.graph.scope(node.scope === '' ? 'gradient' : `gradient/${node.scope}`, () =>
      passBack(ops, node, y, all),
    );
    node.inputs.forEach((input, index) => {
      const gradient = given[index];
      if (!input || !gradient || !path.has(input)) return;
      const known = found.get(input);
      found.set(input, known ? ops.add(known, gradient) : gradient);
    });
  }
  return wrt.map((value) => {
    const gradient = found.get(value);
    if (!gradient) throw new TrainyardError('TY1503', `the loss does not depend on ${value.name}`);
    return gradient;
  });
}
function passBack(ops, node, y, all) {
  const rule = gradientRules[node.op];
  if (!rule || node.domain !== '') throw unsupported(node, 'has no gradient');
  // Only the first output of LayerNormalization may be used; Split alone passes a gradient for the others.
  const dy = all[0] ?? ops.zerosLike(y);
  if (node.op !== 'Split' && all.slice(1).some((gradient) => gradient))
    throw unsupported(node, 'has a gradient for its first output only');
  const inputs = node.inputs.filter((input) => input !== undefined);
  return rule({ ops, node, inputs, y, dy, all }, ...inputs);
}
/** Every value that is computed from one of `roots`, and these themselves. */
function dependents(nodes, roots) {
  const reached = new Set(roots);
  for (const node of nodes) {
    if (!node.inputs.some((input) => input && reached.has(input))) continue;
    for (const output of node.outputs) reached.add(output);
  }
  return reached;
}
//# sourceMappingURL=gradients.js.map
