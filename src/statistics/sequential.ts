/** How to look at a growing sample many times, and stop at any look, without more false alarms than declared. @module */

import { normalQuantile, normalSurvival } from './normal.js';

/**
 * How the allowed error is spent as a sample fills up. `even`: in proportion, so that a bad canary is caught early.
 * `late`: almost nothing at first and almost all at the end, after O'Brien and Fleming, so that the last look is nearly
 * as sharp as a single one.
 */
export type Spending = 'even' | 'late';

/**
 * The error that may have been spent by the time a share of the planned sample is seen: `even` is α·t, `late` is
 * 2 - 2Φ(z_{α/2} / √t). Source: K. K. G. Lan, D. L. DeMets, Discrete Sequential Boundaries for Clinical Trials,
 * Biometrika 70, 1983, its α1 and α3.
 * @param alpha The error allowed over all looks, in (0, 1).
 * @param seen The share of the planned sample (requests or time) that is seen, 0 or more; above 1 counts as 1.
 * @returns In [0, alpha], never falling with `seen`.
 * @throws RangeError on an alpha or a share out of bounds.
 */
export function spentError(alpha: number, seen: number, spending: Spending = 'even'): number {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha must be between 0 and 1, got ${alpha}`);
  if (!(seen >= 0)) throw new RangeError(`the share seen must be 0 or more, got ${seen}`);
  if (seen === 0) return 0;
  if (seen >= 1) return alpha;
  if (spending === 'even') return alpha * seen;
  return 2 * normalSurvival(-normalQuantile(alpha / 2) / Math.sqrt(seen));
}

/**
 * The level of one look: a p-value of at most so much, of any valid test, ends the trial with the verdict that there is
 * a difference. It is what `spentError` grew by since the last look. The levels of all looks sum to alpha, so by Boole's
 * inequality the chance that any look is wrong is at most alpha, however many looks there are and however they depend on
 * each other; it is a little stricter than Lan and DeMets' own boundaries, which need the joint distribution of the looks.
 * When to look may depend on time and counts, not on the p-values seen. Several questions judged at once (errors,
 * latency, drift) share alpha: give each its part.
 * @param look.alpha The error allowed over all looks, in (0, 1).
 * @param look.seen The share of the planned sample that is seen now.
 * @param look.seenBefore The share at the last look; 0 at the first.
 * @param look.spending @default 'even'
 * @returns In [0, alpha]; 0 once the planned sample had been seen.
 * @throws RangeError on a value out of bounds, or a share that fell.
 */
export function levelOfLook(look: { alpha: number; seen: number; seenBefore: number; spending?: Spending }): number {
  const { alpha, seen, seenBefore, spending } = look;
  if (seen < seenBefore) throw new RangeError(`the share seen must not fall, got ${seen} after ${seenBefore}`);
  return spentError(alpha, seen, spending) - spentError(alpha, seenBefore, spending);
}
