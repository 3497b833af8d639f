/** Whether two shares differ: of errors, of conversions, of right answers. @module */

import type { Alternative } from './alternatives.js';
import { binomialDensity, hypergeometricDensity } from './densities.js';
import { normalSurvival } from './normal.js';

/** How many of a sample's observations had it: errors of requests, say. Whole numbers, 0 ≤ hits ≤ size ≤ 2^53. */
export interface Share {
  readonly hits: number;
  readonly size: number;
}

/** `pValue`, in [0, 1]: the chance of a difference at least as large where both shares are the same. */
export interface ProportionResult {
  readonly pValue: number;
  /** The first share minus the second, in [-1, 1]; undefined where a sample is empty. */
  readonly difference: number | undefined;
}

/**
 * Fisher's exact test, right for any sizes, small ones too. Agrees with scipy's `fisher_exact`; as there, the two-sided
 * p-value is the probability of all tables with these margins that are no likelier than this one. Where a sample is
 * empty, or neither or all have it, nothing can differ: p-value 1.
 * @param options.alternative 'greater': the first share is. @default 'two-sided'
 * @throws RangeError on anything but whole numbers with 0 ≤ hits ≤ size.
 */
export function fisherExactTest(
  first: Share,
  second: Share,
  { alternative = 'two-sided' }: { alternative?: Alternative } = {},
): ProportionResult {
  const difference = shareDifference(first, second);
  const hits = first.hits + second.hits;
  const total = first.size + second.size;
  if (first.size === 0 || second.size === 0 || hits === 0 || hits === total) return { pValue: 1, difference };
  const margins: Margins = { first: first.size, second: second.size, hits };
  const pValue =
    alternative === 'less'
      ? atMost(first.hits, margins)
      : alternative === 'greater'
        ? atMost(second.hits, { first: second.size, second: first.size, hits })
        : asUnlikely(first.hits, margins);
  return { pValue: Math.min(1, pValue), difference };
}

/**
 * The z test with a pooled share, for large samples: below about 5 hits in one of them `fisherExactTest` is right and
 * this is not. Agrees with statsmodels' `proportions_ztest`. Where neither or all have it: z 0, p-value 1.
 * @param options.alternative 'greater': the first share is. @default 'two-sided'
 * @throws RangeError on an empty sample, or anything but whole numbers with 0 ≤ hits ≤ size.
 */
export function pooledZTest(
  first: Share,
  second: Share,
  { alternative = 'two-sided' }: { alternative?: Alternative } = {},
): ProportionResult & { readonly z: number } {
  const difference = shareDifference(first, second);
  if (difference === undefined) throw new RangeError('a z test of two shares needs a size above 0 in both');
  const pooled = (first.hits + second.hits) / (first.size + second.size);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / first.size + 1 / second.size));
  if (deviation === 0) return { pValue: 1, difference, z: 0 };
  const z = difference / deviation;
  const pValue =
    alternative === 'two-sided' ? 2 * normalSurvival(Math.abs(z)) : normalSurvival(alternative === 'greater' ? z : -z);
  return { pValue, difference, z };
}

/**
 * McNemar's exact test of two models that answered the same questions (a shadow and its primary): only questions that
 * just one of them got right tell them apart: given their number, the first's are binomial with 1/2 (McNemar, Psychometrika
 * 12, 1947). Two-sided it agrees with statsmodels' `mcnemar(exact=True)`, one-sided with scipy's `binomtest(onlyFirst, n, 0.5)`,
 * which is the exact sign test, too, where one counts which of two values is larger.
 * @param onlyFirst How many the first alone got right, a whole number.
 * @param onlySecond How many the second alone got right.
 * @param options.alternative 'greater': the first is right more often. @default 'two-sided'
 * @returns The p-value, in [0, 1]; 1 where nothing tells them apart.
 * @throws RangeError on anything but whole numbers of 0 or more.
 */
export function mcnemarExactTest(
  onlyFirst: number,
  onlySecond: number,
  { alternative = 'two-sided' }: { alternative?: Alternative } = {},
): number {
  requireWhole(onlyFirst, 'onlyFirst');
  requireWhole(onlySecond, 'onlySecond');
  const n = onlyFirst + onlySecond;
  if (alternative === 'two-sided') return Math.min(1, 2 * lowerHalf(Math.min(onlyFirst, onlySecond), n));
  const most = alternative === 'less' ? onlyFirst : onlySecond;
  return 2 * most <= n ? lowerHalf(most, n) : 1 - lowerHalf(n - most - 1, n);
}

/** P(X ≤ x) of a binomial with 1/2, x at most in the middle; 0 below the support. */
function lowerHalf(x: number, n: number): number {
  let term = x < 0 ? 0 : binomialDensity(x, n, 0.5, 0.5);
  let total = 0;
  for (let k = x; k >= 0 && term > total * negligible; k--) {
    total += term;
    term *= k / (n - k + 1);
  }
  return total;
}

/** Terms fall faster than a geometric series; below this share of their sum the rest cannot be seen. */
const negligible = 1e-18;

/** The sizes of both samples and the hits of both together; given these, the first's hits are hypergeometric. */
interface Margins {
  readonly first: number;
  readonly second: number;
  readonly hits: number;
}

function shareDifference(first: Share, second: Share): number | undefined {
  for (const [name, { hits, size }] of Object.entries({ first, second })) {
    requireWhole(size, `${name}.size`);
    requireWhole(hits, `${name}.hits`);
    if (hits > size) throw new RangeError(`${name}.hits must be at most its size ${size}, got ${hits}`);
  }
  return first.size === 0 || second.size === 0 ? undefined : first.hits / first.size - second.hits / second.size;
}

function requireWhole(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${name} must be a whole number of 0 or more, got ${value}`);
  }
}

/** P(X ≤ x): on the far side of the mode one minus the other tail, because a density there may be below every double. */
function atMost(x: number, margins: Margins): number {
  return x < mode(margins) ? tailFrom(x, -1, margins) : 1 - tailFrom(x + 1, 1, margins);
}

/** The probability of all x no likelier than the observed one. Rounding makes equal ones differ: 1e-7, as R allows. */
function asUnlikely(x: number, margins: Margins): number {
  const peak = mode(margins);
  const most = hypergeometricDensity(x, margins) * (1 + 1e-7);
  if (hypergeometricDensity(peak, margins) <= most) return 1;
  const outwards = x < peak ? -1 : 1;
  const opposite = firstBelow(most, peak, -outwards, margins);
  return tailFrom(x, outwards, margins) + tailFrom(opposite, -outwards, margins);
}

function mode({ first, second, hits }: Margins): number {
  return Math.floor(((hits + 1) * (first + 1)) / (first + second + 2));
}

/** The support's end in a direction. */
function end(direction: number, { first, second, hits }: Margins): number {
  return direction < 0 ? Math.max(0, hits - second) : Math.min(first, hits);
}

/** The x nearest to the peak, in a direction, that is at most as likely as `most`; one beyond the end where none is. */
function firstBelow(most: number, peak: number, direction: number, margins: Margins): number {
  let near = 0;
  let far = Math.abs(end(direction, margins) - peak) + 1;
  while (far - near > 1) {
    const middle = Math.floor((near + far) / 2);
    if (hypergeometricDensity(peak + direction * middle, margins) <= most) far = middle;
    else near = middle;
  }
  return peak + direction * far;
}

/** The sum of densities from x outwards, x included; 0 beyond the support. */
function tailFrom(from: number, direction: number, margins: Margins): number {
  const { first, second, hits } = margins;
  const last = end(direction, margins);
  if ((last - from) * direction < 0) return 0;
  let term = hypergeometricDensity(from, margins);
  let total = 0;
  for (let x = from; (last - x) * direction >= 0 && term > total * negligible; x += direction) {
    total += term;
    term *=
      direction > 0
        ? ((first - x) * (hits - x)) / ((x + 1) * (second - hits + x + 1))
        : (x * (second - hits + x)) / ((first - x + 1) * (hits - x + 1));
  }
  return total;
}
