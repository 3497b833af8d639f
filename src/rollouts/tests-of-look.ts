/** The questions of a look: whether the new revision is worse by errors, latency, answers or accuracy. Each is a named test. @module */
import type { RolloutLimits, RolloutTest } from '../contracts/rollouts.js';
import { addTo, durationBins, type Histogram } from '../records/histograms.js';
import { chiSquareTest } from '../statistics/chi-square.js';
import { populationStabilityIndex } from '../statistics/drift.js';
import { mannWhitneyTest, mannWhitneyTestOfCounts } from '../statistics/mann-whitney.js';
import { levelOfLook } from '../statistics/sequential.js';
import { fisherExactTest, mcnemarExactTest } from '../statistics/two-proportions.js';
import type { PairedRightness, Rightness } from './right-answers.js';

/** What was seen of one revision in a step. */
export interface Seen extends Rightness {
  readonly requests: number;
  readonly errors: number;
  readonly latency: Histogram;
  /** Of the model's runs alone. */
  readonly execution: Histogram;
  readonly outputs: Readonly<Record<string, Histogram>>;
}

/** Errors, latency, answers, accuracy: each gets an equal part of the error that is allowed. */
const questions = 4;

/** The test of absolute errors is an approximation that is good from so many on. */
const fewestOffBy = 8;

/**
 * Runs of up to so many milliseconds count alike: a model that is short answers from the event loop and listens in a thread, with other numbers of
 * threads within its run, which is worth part of a millisecond.
 */
const shortRunMs = 2;

/** Answers are compared in so many bins at most, as the index of population stability is meant. */
const answerBins = 10;

/**
 * All tests of a look for which there is something to compare. Repeated looks share `alpha` by Lan and DeMets' spending (`levelOfLook`).
 * @param look.listens the times of the models' runs are compared then, not those of requests: a revision that listens runs apart, after the answer
 * @param look.paired which was right on rows that both ran, where the new one listens
 * @param look.isFull the old revision's figures are of another time: shares have to differ by `fullMargin`
 */
export function testsOfLook(
  before: Seen,
  after: Seen,
  look: {
    readonly limits: RolloutLimits;
    readonly seen: number;
    readonly seenBefore: number;
    readonly listens: boolean;
    readonly isFull: boolean;
    readonly paired?: PairedRightness | undefined;
  },
): RolloutTest[] {
  const { limits, seen, seenBefore, listens, isFull, paired } = look;
  const margin = isFull ? limits.fullMargin : 0;
  const alpha = limits.alpha / questions;
  const level = levelOfLook({ alpha, seen: Math.max(seen, seenBefore), seenBefore });
  const counts = (test: Omit<RolloutTest, 'level' | 'worse'>, isLarge: boolean): RolloutTest => ({
    ...test,
    level,
    worse: isLarge && level > 0 && test.pValue <= level,
  });
  const tests: RolloutTest[] = [];
  if (before.requests > 0 && after.requests > 0) {
    const share = ({ errors: hits, requests: size }: Seen) => ({ hits, size });
    const { pValue, difference = 0 } = fisherExactTest(share(after), share(before), { alternative: 'greater' });
    tests.push(counts({ about: 'errors', test: "Fisher's exact", pValue, effect: difference }, difference > margin));
  }
  const times = ({ latency, execution }: Seen) => (listens ? longRuns(execution) : latency);
  const [latencyBefore, latencyAfter] = aligned(times(before), times(after));
  if (total(latencyBefore) > 0 && total(latencyAfter) > 0) {
    const { pValue, superiority } = mannWhitneyTestOfCounts(latencyAfter, latencyBefore, { alternative: 'greater' });
    const isLarge = superiority > limits.latencySuperiority;
    const test = `Mann–Whitney U of ${listens ? "the models' runs" : 'requests'}`;
    tests.push(counts({ about: 'latency', test, pValue, effect: superiority }, isLarge));
  }
  const answers = answersTest(before, after);
  if (answers) tests.push(counts({ about: 'answers', ...answers }, answers.effect > limits.driftPsi));
  if (Math.min(before.offBy.length, after.offBy.length) >= fewestOffBy) {
    const { pValue, superiority } = mannWhitneyTest(after.offBy, before.offBy, { alternative: 'greater' });
    const test = 'Mann–Whitney U of absolute errors';
    const isLarge = superiority - 0.5 > Math.max(limits.accuracyDrop, margin);
    tests.push(counts({ about: 'accuracy', test, pValue, effect: 0.5 - superiority }, isLarge));
  }
  if (before.right.size > 0 && after.right.size > 0) {
    const { pValue, difference = 0 } = fisherExactTest(after.right, before.right, { alternative: 'less' });
    const isLarge = -difference > Math.max(limits.accuracyDrop, margin);
    tests.push(counts({ about: 'accuracy', test: "Fisher's exact", pValue, effect: difference }, isLarge));
  }
  for (const test of paired ? pairedTests(paired) : [])
    tests.push(counts({ about: 'accuracy', ...test }, -test.effect > Math.max(limits.accuracyDrop, margin)));
  return tests;
}

/** Of classes the difference of the shares, of quantities 0.5 minus the chance that the new one is farther off, ties by half. */
function pairedTests({ right, closer }: PairedRightness): Pick<RolloutTest, 'test' | 'pValue' | 'effect'>[] {
  const kinds = [
    { test: "McNemar's exact", unit: 1, ...right },
    { test: 'exact sign test of absolute errors', unit: 0.5, ...closer },
  ];
  return kinds.flatMap(({ test, unit, before, after, size }) => {
    if (size === 0) return [];
    const pValue = mcnemarExactTest(after, before, { alternative: 'less' });
    return [{ test, pValue, effect: (unit * (after - before)) / size }];
  });
}

/** Of several outputs the one that differs most; its p-value is corrected after Bonferroni. */
function answersTest(before: Seen, after: Seen) {
  const names = Object.keys(after.outputs).filter((name) => name in before.outputs);
  const compared = names.flatMap((name) => {
    const [one, other] = coarse(...aligned(before.outputs[name] ?? {}, after.outputs[name] ?? {}));
    if (total(one) === 0 || total(other) === 0) return [];
    const { pValue } = chiSquareTest(one, other);
    return [{ test: 'chi-square', pValue, effect: populationStabilityIndex(one, other) }];
  });
  const [first, ...others] = compared;
  if (first === undefined) return undefined;
  const most = others.reduce((worst, one) => (one.pValue < worst.pValue ? one : worst), first);
  return { ...most, pValue: Math.min(1, most.pValue * compared.length) };
}

/** Runs of which the short ones are in one bin. */
function longRuns(execution: Histogram): Histogram {
  const shortest = durationBins.binOf(shortRunMs);
  const runs: Histogram = {};
  for (const [bin, times] of Object.entries(execution)) addTo(runs, { [Math.max(shortest, Number(bin))]: times });
  return runs;
}

/** Counts of both over the bins that either has, ascending. */
function aligned(one: Histogram, other: Histogram): [number[], number[]] {
  const bins = [...new Set([...Object.keys(one), ...Object.keys(other)].map(Number))].sort((a, b) => a - b);
  return [bins.map((bin) => one[bin] ?? 0), bins.map((bin) => other[bin] ?? 0)];
}

/** Neighbouring bins together, so that each holds about the same part of the first. */
function coarse(one: readonly number[], other: readonly number[]): [number[], number[]] {
  const each = total(one) / answerBins;
  const sums: [number[], number[]] = [[], []];
  let [held, otherHeld] = [0, 0];
  for (const [at, count] of one.entries()) {
    held += count;
    otherHeld += other[at] ?? 0;
    if (held < each && at < one.length - 1) continue;
    sums[0].push(held);
    sums[1].push(otherHeld);
    [held, otherHeld] = [0, 0];
  }
  return sums;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
