/**
 * Poisson, binomial and hypergeometric densities by the saddle-point expansion, accurate to about 1e-14 relative where
 * differences of log-gammas lose digits (C. Loader, Fast and Accurate Computation of Binomial Probabilities, 2000; R's `dbinom`).
 * @module
 */

/** λ^k e^-λ / Γ(k + 1) for real k ≥ 0 and λ > 0. */
export function poissonDensity(k: number, lambda: number): number {
  if (k === 0) return Math.exp(-lambda);
  return Math.exp(-stirlingError(k) - deviance(k, lambda)) / Math.sqrt(2 * Math.PI * k);
}

/** C(n, k) p^k q^(n-k) for whole 0 ≤ k ≤ n; q = 1 - p is given, because the caller may know it more exactly. */
export function binomialDensity(k: number, n: number, p: number, q: number): number {
  if (k === 0) return q ** n;
  if (k === n) return p ** n;
  const exponent =
    stirlingError(n) - stirlingError(k) - stirlingError(n - k) - deviance(k, n * p) - deviance(n - k, n * q);
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * k * (n - k)));
}

/** The chance of x hits in the first of two samples that have `hits` together; x within its support, 0 < hits < size. */
export function hypergeometricDensity(
  x: number,
  { first, second, hits }: { first: number; second: number; hits: number },
): number {
  const size = first + second;
  const p = hits / size;
  const q = (size - hits) / size;
  const both = binomialDensity(x, first, p, q) * binomialDensity(hits - x, second, p, q);
  return both / binomialDensity(hits, size, p, q);
}

/** ln Γ(n + 1) minus Stirling's formula, for n > 0. */
function stirlingError(n: number): number {
  let correction = 0;
  let shifted = n;
  // The series below is good to 1e-16 from 16 on; below that, step up by the recurrence of the gamma function.
  while (shifted < 16) {
    correction += (shifted + 0.5) * Math.log1p(1 / shifted) - 1;
    shifted++;
  }
  const s = 1 / (shifted * shifted);
  return correction + (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s / 1188)))) / shifted;
}

/** x ln(x / mean) + mean - x, without cancellation where x is near the mean. */
function deviance(x: number, mean: number): number {
  if (Math.abs(x - mean) >= 0.1 * (x + mean)) return x * Math.log(x / mean) + mean - x;
  const v = (x - mean) / (x + mean);
  let total = (x - mean) * v;
  let term = 2 * x * v;
  for (let j = 3; ; j += 2) {
    term *= v * v;
    const next = total + term / j;
    if (next === total) return total;
    total = next;
  }
}
