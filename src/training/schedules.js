/** Learning rates as functions of the step. @module */
export function constantRate(rate) {
  return () => rate;
}
/**
 * From `rate` at step 1 to `floor` at step `steps` and after, along half a cosine (Loshchilov and Hutter, SGDR, 2017, without
 * restarts). @default floor: 0
 */
export function cosineRate({ rate, steps, floor = 0 }) {
  return (step) => {
    const done = Math.min((step - 1) / Math.max(steps - 1, 1), 1);
    return floor + ((rate - floor) * (1 + Math.cos(Math.PI * done))) / 2;
  };
}
/** Linear from `after(1) / steps` at step 1 to `after(1)` at step `steps`; then `after`, counted from its own step 1. */
export function warmUp({ steps, after }) {
  return (step) => (step <= steps ? (after(1) * step) / steps : after(step - steps));
}
//# sourceMappingURL=schedules.js.map
