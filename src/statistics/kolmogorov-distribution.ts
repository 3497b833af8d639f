/** The distribution of the two-sided Kolmogorov–Smirnov statistic of one sample of n, for finite n. @module */

import { binomialDensity, poissonDensity } from './densities.js';
import { at } from './samples.js';

/**
 * P(D_n ≥ x), in [0, 1], for whole n ≥ 1. Chooses the formula as scipy's `kstwo.sf` does, after R. Simard and
 * P. L'Ecuyer, Computing the Two-Sided Kolmogorov-Smirnov Distribution, J. Stat. Softw. 39(11), 2011: exact for n ≤ 140
 * and in the tails, elsewhere Pelz and Good's expansion.
 */
export function kolmogorovSurvival(n: number, x: number): number {
  const nxx = n * x * x;
  if (x >= 1 || nxx >= 370) return 0; // below the least double from 370 on, and the exact sum has n terms
  if (n * x <= 0.5) return 1;
  if (x >= 0.5 || nxx >= (n <= 140 ? 4 : 2.2)) return Math.min(1, 2 * oneSidedSurvival(n, x));
  const exact = n <= 140 || (n <= 100_000 && n * x ** 1.5 <= 1.4);
  const below = exact ? durbinProbability(n, x) : pelzGoodProbability(n, x);
  return Math.min(1, Math.max(0, 1 - below));
}

/** P(D_n⁺ ≥ x) by Birnbaum and Tingey's sum, each term a binomial density over its own probability. */
function oneSidedSurvival(n: number, x: number): number {
  let total = 0;
  for (let j = 0; j <= n * (1 - x); j++) {
    const p = x + j / n;
    total += binomialDensity(j, n, p, Math.max(0, 1 - p)) / p;
  }
  return total * x;
}

/**
 * P(D_n < x) by Durbin's matrix (G. Marsaglia, W. W. Tsang, J. Wang, Evaluating Kolmogorov's Distribution, 2003).
 * Divided by e, the matrix holds the probabilities of Poisson steps that stay within the band; so its powers stay
 * within [0, 1], and n!/n^n · e^n is one over the Poisson density that the walk ends where it must.
 */
function durbinProbability(n: number, x: number): number {
  const k = Math.ceil(n * x);
  const h = k - n * x;
  const size = 2 * k - 1;
  const matrix = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= Math.min(row + 1, size - 1); column++) {
      let weight = 1;
      if (column === 0) weight -= h ** (row + 1);
      if (row === size - 1) weight -= h ** (size - column);
      if (column === 0 && row === size - 1) weight += Math.max(0, 2 * h - 1) ** size;
      matrix[row * size + column] = weight * poissonDensity(row - column + 1, 1);
    }
  }
  return at(power(matrix, size, n), (k - 1) * size + k - 1) / poissonDensity(n, n);
}

function power(matrix: Float64Array, size: number, exponent: number): Float64Array {
  if (exponent === 1) return matrix;
  const half = power(matrix, size, Math.floor(exponent / 2));
  const square = multiply(half, half, size);
  return exponent % 2 === 0 ? square : multiply(square, matrix, size);
}

function multiply(left: Float64Array, right: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let inner = 0; inner < size; inner++) {
      const factor = at(left, row * size + inner);
      for (let column = 0; column < size; column++) {
        const cell = row * size + column;
        product[cell] = at(product, cell) + factor * at(right, inner * size + column);
      }
    }
  }
  return product;
}

/**
 * P(D_n ≤ x) ≈ K0(z) + K1(z)/√n + K2(z)/n + K3(z)/n^1.5 with z = x√n, each K a sum over powers of e^(-π²/8z²)
 * (W. Pelz, I. J. Good, Approximating the Lower Tail-areas of the Kolmogorov-Smirnov One-sample Statistic, 1976).
 */
function pelzGoodProbability(n: number, x: number): number {
  const z = x * Math.sqrt(n);
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const pi2 = Math.PI ** 2;
  let k0 = 0;
  let k1 = 0;
  let k2 = 0;
  let k3 = 0;
  for (let k = Math.ceil((16 * z) / Math.PI); k > 0; k--) {
    const odd = (pi2 * (2 * k - 1) ** 2) / 4;
    const q = Math.exp(-odd / (2 * z2));
    k0 += q;
    k1 += q * (odd - z2);
    k2 += q * (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * odd + (1 - 2 * z2) * odd ** 2);
    k3 +=
      q *
      (-30 * z6 -
        90 * z4 * z4 +
        (135 * z4 - 96 * z6) * odd +
        (212 * z4 - 60 * z2) * odd ** 2 +
        (5 - 30 * z2) * odd ** 3);
    const even = pi2 * k * k;
    const r = Math.exp(-even / (2 * z2));
    k2 -= 2 * z4 * r * even;
    k3 += 30 * z4 * r * even * (3 * z2 - even);
  }
  const scale = Math.sqrt(2 * Math.PI) / z;
  return scale * (k0 + k1 / (6 * z ** 3 * Math.sqrt(n)) + k2 / (72 * z6 * n) + k3 / (6480 * z ** 9 * n ** 1.5));
}
