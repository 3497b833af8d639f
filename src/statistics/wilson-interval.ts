/** How sure a share is: of errors, of right answers. @module */

import { normalQuantile } from './normal.js';
import type { Share } from './two-proportions.js';

/** An interval of a share, in [0, 1]. */
export interface ShareInterval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Wilson's score interval of a share: near 0 and 1, and in small samples, it covers as often as it says, where the
 * textbook's interval does not. Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical
 * Inference, JASA 22, 1927. Agrees with statsmodels' `proportion_confint(method='wilson')`.
 * @param confidence How often it is to hold the true share, in (0, 1). @default 0.95
 * @throws RangeError on an empty sample, or anything but 0 ≤ hits ≤ size.
 */
export function wilsonInterval({ hits, size }: Share, confidence = 0.95): ShareInterval {
  if (!(size > 0 && hits >= 0 && hits <= size)) throw new RangeError(`there is no share of ${hits} in ${size}`);
  const z = normalQuantile((1 + confidence) / 2);
  const share = hits / size;
  const weight = 1 + (z * z) / size;
  const middle = (share + (z * z) / (2 * size)) / weight;
  const half = (z / weight) * Math.sqrt((share * (1 - share)) / size + (z * z) / (4 * size * size));
  // At the ends the formula gives 0 and 1 but for rounding.
  return { lower: hits === 0 ? 0 : middle - half, upper: hits === size ? 1 : middle + half };
}
