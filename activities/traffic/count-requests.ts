/** What servers counted of an endpoint since a reader was there: errors, and how long answers took. @module */
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { addTo, durationBins, type Histogram } from '../../src/records/histograms.js';
import type { TrafficPlace } from '../../src/records/traffic-place.js';
import { afterWindow, type RevisionCounts, windowsAfter } from '../../src/records/traffic-windows.js';
import type { RequestCounts } from '../../src/stages/read-traffic.js';
import { wilsonInterval } from '../../src/statistics/wilson-interval.js';

/** Answers that tell how long a revision usually takes. */
const usualAnswers = 1_000;

/** Counts the windows after the place, and gives the place after them. */
export async function countRequests(
  store: ArtifactStore,
  endpoint: string,
  { windows, usual }: TrafficPlace,
  { revision, confidence }: { readonly revision: number | null; readonly confidence: number },
): Promise<{ readonly requests: RequestCounts; readonly place: Pick<TrafficPlace, 'windows' | 'usual'> }> {
  const counts: RevisionCounts[] = [];
  let cursor = windows;
  for await (const window of windowsAfter(store, endpoint, windows)) {
    counts.push(...window.revisions.filter(({ listens }) => !listens));
    cursor = afterWindow(cursor, window);
  }
  const total = counts.reduce((sum, { requests }) => sum + requests, 0);
  const errors = counts.reduce((sum, one) => sum + one.errors, 0);
  const ofRevision = counts.filter((one) => one.revision === revision).map(({ latency }) => latency);
  const next = usualOf(usual, revision, ofRevision);
  const requests: RequestCounts = {
    total,
    errors,
    errorRate:
      total === 0
        ? null
        : { rate: errors / total, ...wilsonInterval({ hits: errors, size: total }, confidence), confidence },
    latencyMs: quantilesOf(sumOf(counts.map(({ latency }) => latency))),
    usualLatencyMs: usual?.revision === revision && isWhole(usual) ? quantilesOf(usual.latency) : null,
  };
  return { requests, place: { windows: { ...cursor }, usual: next } };
}

/** Grows until it is whole; begins anew with another revision. */
function usualOf(
  usual: TrafficPlace['usual'],
  revision: number | null,
  latencies: readonly Histogram[],
): TrafficPlace['usual'] {
  if (revision === null) return usual;
  const own = usual?.revision === revision ? usual : { revision, latency: {} };
  return isWhole(own) ? own : { revision, latency: sumOf([own.latency, ...latencies]) };
}

function isWhole({ latency }: NonNullable<TrafficPlace['usual']>): boolean {
  return answersIn(latency) >= usualAnswers;
}

function sumOf(histograms: readonly Histogram[]): Histogram {
  const sum: Histogram = {};
  for (const histogram of histograms) addTo(sum, histogram);
  return sum;
}

function answersIn(histogram: Histogram): number {
  return Object.values(histogram).reduce((sum, times) => sum + times, 0);
}

function quantilesOf(histogram: Histogram): RequestCounts['latencyMs'] {
  const all = answersIn(histogram);
  if (all === 0) return null;
  const bins = Object.keys(histogram)
    .map(Number)
    .sort((one, other) => one - other);
  const at = (share: number) => {
    let before = 0;
    for (const bin of bins) {
      before += histogram[bin] ?? 0;
      if (before >= share * all) return durationBins.middleOf(bin);
    }
    return durationBins.middleOf(bins.at(-1) ?? 0);
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
