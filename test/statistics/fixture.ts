/** Reads the values that scikit-learn and scipy gave (`fixtures/make_fixtures.py`), and compares with them. @module */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { ClassScores } from '../../src/statistics/classification.js';

/** What `calibration_curve` makes of the probabilities, and the calibration error that follows. */
export interface Calibration {
  readonly bins: number;
  readonly counts: readonly number[];
  readonly positiveShares: readonly number[];
  readonly meanProbabilities: readonly number[];
  readonly error: number;
}

/** Predicted classes and what scikit-learn makes of them. */
export interface Predictions {
  readonly made: string;
  readonly predicted: readonly number[];
  readonly confusionMatrix: readonly number[][];
  readonly accuracy: number;
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly f1: readonly number[];
}

/** A case of `binary` in `classification.json`; a metric that scikit-learn does not define there is left out. */
export interface BinaryCase extends Predictions {
  readonly labels: readonly number[];
  readonly scores: readonly number[];
  readonly rocAuc?: number;
  readonly averagePrecision?: number;
  readonly asProbabilities?: {
    readonly logLoss: number;
    readonly brierScore: number;
    readonly calibration: readonly Calibration[];
  };
}

/** A case of `multiclass` in `classification.json`. */
export interface MulticlassCase extends Predictions {
  readonly classCount: number;
  readonly classes: readonly number[];
  readonly probabilities: readonly number[];
  readonly logLoss: number;
  readonly rocAuc?: number;
  readonly macro: ClassScores;
  readonly calibration: Calibration;
}

/** A case of `samples` in `drift.json`. */
export interface SamplesCase {
  readonly made: string;
  readonly reference: readonly number[];
  readonly current: readonly number[];
  readonly ksStatistic: number;
  readonly ksExact: number;
  readonly ksAsymptotic?: number;
  readonly wassersteinDistance: number;
  readonly normalizedWassersteinDistance: number;
  readonly deciles: readonly number[];
}

/** A case of `counts` in `drift.json`. */
export interface CountsCase {
  readonly made: string;
  readonly reference: readonly number[];
  readonly current: readonly number[];
  readonly populationStabilityIndex: number;
  readonly jensenShannonDistance: number;
  readonly chiSquare: { readonly statistic: number; readonly pValue: number; readonly degreesOfFreedom: number };
}

/** One of the JSON files in `fixtures/`; the tests run from `dist/`, the files stay in `test/`. */
export function readFixture(name: string): unknown {
  const file = new URL(`../../../test/statistics/fixtures/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Equal to 1e-9, relative above 1. */
export function assertClose(actual: number | undefined, expected: number, what: string): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${what}: expected ${expected}, got ${actual ?? 'nothing'}`,
  );
}

/** Equal to 1e-9 of the value itself, however small, down to 1e-300. */
export function assertRelativelyClose(actual: number, expected: number, what: string): void {
  if (expected > 1e-300) assertClose(actual / expected, 1, what);
  else assertClose(actual, expected, what);
}

/** Number by number equal to 1e-9. */
export function assertAllClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length, what);
  expected.forEach((value, i) => {
    assertClose(actual[i], value, `${what}[${i}]`);
  });
}

/** The cases of `classification.json`. */
export function classificationCases(): { binary: BinaryCase[]; multiclass: MulticlassCase[] } {
  return readFixture('classification') as ReturnType<typeof classificationCases>; // as the script writes it
}

/** The cases of `drift.json`. */
export function driftCases(): { samples: SamplesCase[]; counts: CountsCase[] } {
  return readFixture('drift') as ReturnType<typeof driftCases>; // as the script writes it
}

/** A line of `distributions.json`: two arguments and scipy's value. */
export type SurvivalCase = readonly [number, number, number];

/** The cases of `distributions.json`. */
export function distributionCases(): { kolmogorov: SurvivalCase[]; chiSquare: SurvivalCase[] } {
  return readFixture('distributions') as ReturnType<typeof distributionCases>; // as the script writes it
}
