/** Whether a model treats groups of people alike: demographic parity, the four-fifths rule, equalised odds. @module */

import { at, requireClasses, requirePairs, requireSize } from './samples.js';
import type { Numbers } from './samples.js';

/** What a model did to the rows of one group, as whole numbers; counts of batches may be added. */
export interface GroupCounts {
  readonly group: string;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/** How many rows of one group were selected (predicted 1); needs no labels. */
export interface GroupSelection {
  readonly group: string;
  readonly rows: number;
  readonly selected: number;
}

/** How far apart the groups' rates are. Both undefined where fewer than two groups have the rate. */
export interface Disparity {
  /** The highest rate minus the lowest, in [0, 1]; 0 is fair. */
  readonly difference: number | undefined;
  /** The lowest rate over the highest, in [0, 1]; 1 is fair. Undefined also where every rate is 0. */
  readonly ratio: number | undefined;
}

export interface DemographicParity extends Disparity {
  /** `selectionRate`, in [0, 1], is undefined for a group without rows: it takes no part in the comparison. */
  readonly groups: readonly (GroupSelection & { readonly selectionRate: number | undefined })[];
  /** The four-fifths rule: whether the ratio is at least 0.8. Undefined where the ratio is. */
  readonly fourFifths: boolean | undefined;
}

/**
 * Whether all groups are selected at the same rate. Agrees with fairlearn's `demographic_parity_difference` and
 * `demographic_parity_ratio`. The four-fifths rule is the US agencies' (29 CFR 1607.4 D): a rate below four fifths of the
 * highest group's is taken as evidence of adverse impact, small numbers aside.
 * @throws RangeError on a group twice, or anything but whole numbers with 0 ≤ selected ≤ rows.
 */
export function demographicParity(selections: readonly GroupSelection[]): DemographicParity {
  requireOnce(selections);
  const groups = selections.map((selection) => {
    const { group, rows, selected } = selection;
    requireWhole(group, { rows, selected });
    if (selected > rows) throw new RangeError(`group '${group}': selected must be at most ${rows}, got ${selected}`);
    return { ...selection, selectionRate: share(selected, rows) };
  });
  const disparity = disparityOf(groups.map(({ selectionRate }) => selectionRate));
  // The quotient of two rates may fall short of a ratio of 0.8 by rounding: 4/10 to 5/10 must pass.
  const fourFifths = disparity.ratio === undefined ? undefined : disparity.ratio >= 0.8 - 1e-12;
  return { groups, ...disparity, fourFifths };
}

export interface EqualizedOdds extends Disparity {
  /** Rates in [0, 1]; undefined for a group without positives or without negatives. */
  readonly groups: readonly (GroupCounts & {
    readonly truePositiveRate: number | undefined;
    readonly falsePositiveRate: number | undefined;
  })[];
  /** Its difference alone is equal opportunity. */
  readonly truePositiveRate: Disparity;
  readonly falsePositiveRate: Disparity;
}

/**
 * Whether all groups have the same true and false positive rates; `difference` and `ratio` are the worse of the two.
 * Agrees with fairlearn's `equalized_odds_difference` and `equalized_odds_ratio`, save that fairlearn takes a rate that a
 * group does not have (no positives, say) for 0 and so reports a disparity; here such a group is not compared.
 * @throws RangeError on a group twice, or a count that is no whole number of 0 or more.
 */
export function equalizedOdds(counts: readonly GroupCounts[]): EqualizedOdds {
  requireOnce(counts);
  const groups = counts.map((count) => {
    const { group, truePositives, falsePositives, trueNegatives, falseNegatives } = count;
    requireWhole(group, { truePositives, falsePositives, trueNegatives, falseNegatives });
    return {
      ...count,
      truePositiveRate: share(truePositives, truePositives + falseNegatives),
      falsePositiveRate: share(falsePositives, falsePositives + trueNegatives),
    };
  });
  const truePositiveRate = disparityOf(groups.map((group) => group.truePositiveRate));
  const falsePositiveRate = disparityOf(groups.map((group) => group.falsePositiveRate));
  const both = [truePositiveRate, falsePositiveRate];
  return {
    groups,
    truePositiveRate,
    falsePositiveRate,
    difference: extreme(
      Math.max,
      both.map(({ difference }) => difference),
    ),
    ratio: extreme(
      Math.min,
      both.map(({ ratio }) => ratio),
    ),
  };
}

/**
 * Counts rows by group, sorted by name.
 * @param groups The group of each row.
 * @param labels 0 or 1 for each row.
 * @param predicted 0 or 1 for each row.
 * @throws RangeError on empty or unequal input, or other labels.
 */
export function countByGroup(groups: readonly string[], labels: Numbers, predicted: Numbers): GroupCounts[] {
  requireSize(labels, 'labels');
  if (groups.length !== labels.length) {
    throw new RangeError(`groups and labels must have the same length, got ${groups.length} and ${labels.length}`);
  }
  requirePairs(labels, 'labels', predicted, 'predicted');
  requireClasses(labels, 'labels', 2);
  requireClasses(predicted, 'predicted', 2);
  const cells = new Map<string, [number, number, number, number]>();
  groups.forEach((group, row) => {
    const counts = cells.get(group) ?? [0, 0, 0, 0];
    const cell = 2 * at(labels, row) + at(predicted, row);
    counts[cell] = at(counts, cell) + 1;
    cells.set(group, counts);
  });
  return [...cells]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([group, [trueNegatives, falsePositives, falseNegatives, truePositives]]) => {
      return { group, truePositives, falsePositives, trueNegatives, falseNegatives };
    });
}

/** The same rows without their labels, for `demographicParity`. */
export function selectionOf({ group, ...counts }: GroupCounts): GroupSelection {
  const selected = counts.truePositives + counts.falsePositives;
  return { group, rows: selected + counts.trueNegatives + counts.falseNegatives, selected };
}

function disparityOf(rates: readonly (number | undefined)[]): Disparity {
  const known = rates.filter((rate) => rate !== undefined);
  if (known.length < 2) return { difference: undefined, ratio: undefined };
  const most = Math.max(...known);
  const least = Math.min(...known);
  return { difference: most - least, ratio: share(least, most) };
}

function extreme(choose: (...values: number[]) => number, values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : choose(...known);
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

function requireOnce(groups: readonly { readonly group: string }[]): void {
  const names = groups.map(({ group }) => group);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new RangeError(`group '${twice}' is given twice: add its counts up first`);
}

function requireWhole(group: string, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`group '${group}': ${name} must be a whole number of 0 or more, got ${count}`);
    }
  }
}
