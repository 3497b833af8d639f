/** The cases that `make_decision_fixtures.py` writes. @module */

import { readFixture } from './fixture.js';

type Three = readonly [number, number, number];

/** A case of `adwin` in `changes.json`; changes are [index, width, mean], checkpoints have the variance, too. */
export interface AdwinCase {
  readonly made: string;
  readonly values: readonly number[];
  readonly options: Readonly<Record<string, number>>;
  readonly changes: readonly Three[];
  readonly checkpoints: readonly (readonly [...Three, number])[];
}

/** A case of `pageHinkley` in `changes.json`; changes are [index, mean]. */
export interface PageHinkleyCase {
  readonly made: string;
  readonly values: readonly number[];
  readonly options: Readonly<Record<string, number>> & { readonly mode?: 'up' | 'down' };
  readonly changes: readonly (readonly [number, number])[];
}

/** A case of `fairness.json`; `byGroup` has rows, selection rate, true and false positive rate. */
export interface FairnessCase {
  readonly made: string;
  readonly groups: readonly string[];
  readonly labels: readonly number[];
  readonly predicted: readonly number[];
  readonly byGroup: readonly (readonly [string, ...Three, number])[];
  readonly parityDifference: number;
  readonly parityRatio: number;
  readonly oddsDifference: number;
  readonly oddsRatio: number;
  readonly opportunityDifference: number;
}

/** A case of `mannWhitney` or, with counts for values, of `histograms`; p-values two-sided, greater, less. */
export interface MannWhitneyCase {
  readonly made: string;
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly statistic: number;
  readonly pValues: Three;
}

/** A case of `proportions`: [hits, size] twice, p-values two-sided, greater, less; of z the statistic first. */
export interface ProportionsCase {
  readonly first: readonly [number, number];
  readonly second: readonly [number, number];
  readonly fisher: Three;
  readonly z?: readonly [number, ...Three];
}

/** A case of `bootstrap.json`: `draws` has the rows of each resample. */
export interface BootstrapCase {
  readonly made: string;
  readonly labels: readonly number[];
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly confidence: number;
  readonly draws: readonly (readonly number[])[];
  readonly difference: number;
  readonly interval: readonly [number, number];
}

/** The cases of `changes.json`. */
export function changeCases(): { adwin: AdwinCase[]; pageHinkley: PageHinkleyCase[] } {
  return readFixture('changes') as ReturnType<typeof changeCases>; // as the script writes it
}

/** The cases of `fairness.json`. */
export function fairnessCases(): { cases: FairnessCase[] } {
  return readFixture('fairness') as ReturnType<typeof fairnessCases>; // as the script writes it
}

/** The cases of `two-samples.json`. */
export function twoSampleCases(): {
  proportions: ProportionsCase[];
  /** Hits, size, confidence, lower, upper. */
  wilson: [number, number, number, number, number][];
  mcnemar: Three[];
  mannWhitney: MannWhitneyCase[];
  histograms: MannWhitneyCase[];
  normal: [number, number][];
  normalQuantile: [number, number][];
  lateSpending: Three[];
} {
  return readFixture('two-samples') as ReturnType<typeof twoSampleCases>; // as the script writes it
}

/** The cases of `bootstrap.json`. */
export function bootstrapCases(): { rocAuc: BootstrapCase[]; logLoss: BootstrapCase[] } {
  return readFixture('bootstrap') as ReturnType<typeof bootstrapCases>; // as the script writes it
}
