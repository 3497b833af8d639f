/** Learning rates as functions of the step. @module */

/** The learning rate of a step; steps count from 1. A pure function, so that a resumed run goes on where it was. */
export type Schedule = (step: number) => number;

export function constantRate(rate: number): Schedule {
  return () => rate;
}

/**
 * From `rate` at step 1 to `floor` at step `steps` and after, along half a cosine (Loshchilov and Hutter, SGDR, 2017, without
 * restarts). @default floor: 0
 */
export function cosineRate({ rate, steps, floor = 0 }: { rate: number; steps: number; floor?: number }): Schedule {
  return (step) => {
    const done = Math.min((step - 1) / Math.max(steps - 1, 1), 1);
    return floor + ((rate - floor) * (1 + Math.cos(Math.PI * done))) / 2;
  };
}

/** Linear from `after(1) / steps` at step 1 to `after(1)` at step `steps`; then `after`, counted from its own step 1. */
export function warmUp({ steps, after }: { steps: number; after: Schedule }): Schedule {
  return (step) => (step <= steps ? (after(1) * step) / steps : after(step - steps));
}
