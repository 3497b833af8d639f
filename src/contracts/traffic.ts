/** Traffic of an endpoint: which of its revisions answer which share of the requests, and which only listen. @module */
import { z } from 'zod';
import { TrainyardError } from './errors.js';

/** At most so many revisions answer at a time, */
const mostShares = 5;

/** and at most so many listen. */
const mostShadows = 3;

const RevisionId = z.int().positive();

/** How an endpoint's requests are shared out. */
export const Traffic = z.object({
  /**
   * `single`: one revision answers all. `canary`: a new one answers a share. `ab`: several answer a share each, for comparison. `shadow`: one
   * answers all, others get copies of the requests and their answers are measured and dropped.
   */
  mode: z.enum(['single', 'canary', 'ab', 'shadow']),
  /** Shares add up to 1. A share of 0 keeps a revision loaded, and answering where a request names its version. */
  shares: z
    .array(z.object({ revision: RevisionId, share: z.number().min(0).max(1) }))
    .min(1)
    .max(mostShares),
  shadows: z.array(RevisionId).max(mostShadows).default([]),
  /**
   * Name of the request parameter whose value decides which revision answers, so that one key always meets the same one. A header
   * `x-trainyard-key` always decides. @default `key`
   */
  stickyBy: z.string().min(1).max(60).optional(),
});
export type Traffic = z.output<typeof Traffic>;

/** Sums of shares written as decimals. */
const tolerance = 1e-9;

/** Throws TY2302 for traffic that cannot be: shares that do not add up to 1, a revision twice, or what its mode does not mean. */
export function assertTraffic({ mode, shares, shadows }: Traffic): void {
  const total = shares.reduce((sum, { share }) => sum + share, 0);
  if (Math.abs(total - 1) > tolerance) throw unfit(`the shares add up to ${total}, not to 1`);
  const named = [...shares.map(({ revision }) => revision), ...shadows];
  const twice = named.find((revision, at) => named.indexOf(revision) !== at);
  if (twice !== undefined) throw unfit(`revision ${twice} is named twice`);
  const answering = shares.filter(({ share }) => share > 0).length;
  if (mode === 'single' || mode === 'shadow') {
    if (answering > 1) throw unfit(`in mode ${mode} one revision answers, not ${answering}`);
  } else if (answering < 2) throw unfit(`in mode ${mode} two revisions or more answer`);
  if (mode === 'shadow' && shadows.length === 0) throw unfit('in mode shadow at least one revision listens');
  if (mode !== 'shadow' && shadows.length > 0) throw unfit(`in mode ${mode} no revision listens`);
}

/** One revision answers all requests. */
export function singleTraffic(revision: number): Traffic {
  return { mode: 'single', shares: [{ revision, share: 1 }], shadows: [] };
}

/** The revision with the largest share; of equal ones the oldest. */
export function mainRevision({ shares }: Traffic): number {
  const [first, ...others] = shares;
  if (first === undefined) throw unfit('no revision answers');
  return others.reduce(
    (main, one) => (one.share > main.share || (one.share === main.share && one.revision < main.revision) ? one : main),
    first,
  ).revision;
}

/** All that traffic needs loaded. */
export function revisionsOf({ shares, shadows }: Traffic): number[] {
  return [...shares.map(({ revision }) => revision), ...shadows];
}

/** The same without a revision that answers nothing. */
export function trafficWithout(traffic: Traffic, revision: number): Traffic {
  const shares = traffic.shares.filter((one) => one.revision !== revision);
  const shadows = traffic.shadows.filter((one) => one !== revision);
  const mode = traffic.mode === 'shadow' && shadows.length === 0 ? 'single' : traffic.mode;
  return { ...traffic, mode, shares, shadows };
}

/**
 * The revision for a point in [0, 1). The newest revision has the points from 0 on, the next one those after it: while a new revision's share
 * grows, whoever met it meets it again.
 */
export function revisionAt({ shares }: Traffic, point: number): number {
  const newestFirst = shares.toSorted((a, b) => b.revision - a.revision).filter(({ share }) => share > 0);
  let end = 0;
  for (const { revision, share } of newestFirst) {
    end += share;
    if (point < end) return revision;
  }
  // Rounding: the shares add up to a little less than 1.
  const last = newestFirst.at(-1);
  if (last === undefined) throw unfit('no revision answers');
  return last.revision;
}

function unfit(why: string): TrainyardError {
  return new TrainyardError('TY2302', `traffic cannot be shared so: ${why}`);
}
