/** What a look at a deployment finds wrong by declared limits: findings of standard names, each with its figures and one sentence. @module */
import type { AlertSeverity, Finding } from '../contracts/alerts.js';
import type { Ref } from '../contracts/refs.js';
import type { Monitoring } from './monitor.js';
import type { RequestCounts } from './read-traffic.js';
import type { ErrorWatch } from './watch-errors.js';

/** Names of the findings of a standard look. */
export type StandardFinding =
  'DataDrift' | 'PredictionDrift' | 'ConceptDrift' | 'HighLatency' | 'HighErrorRate' | 'UnfairOutcomes';

/** From where on a look finds something; `Infinity`, and 0 for a ratio of groups, looks away. */
export interface StandardLimits {
  /** Share of the requests that may fail: the lower end of its Wilson interval must not be above. @default 0.01 */
  readonly errorRate?: number;
  /** 99 % of the answers must not take longer, milliseconds. @default not looked at */
  readonly latencyP99Ms?: number;
  /** Nor so many times as long as the revision's first 1,000 answers did. @default 2 */
  readonly latencyRatio?: number;
  /** Fewer answers say nothing of their latency. @default 100 */
  readonly leastAnswers?: number;
  /** Population stability index of the column that moved most; 0.25 is Siddiqi's "has shifted". @default 0.25 */
  readonly columnPsi?: number;
  /** The same of the model's answers. @default 0.25 */
  readonly predictionPsi?: number;
  /** Mean error of the rows with labels: of a classifier the share of wrong answers. @default not looked at: ADWIN and Page–Hinkley decide */
  readonly meanError?: number;
  /** The lowest rate of positive answers among groups, as a share of the highest: the four-fifths rule. @default 0.8 */
  readonly groupRatio?: number;
}

/** What a look has seen; without rows there is no drift, without labels there are no errors of the model. */
export interface Seen {
  readonly endpoint: string;
  readonly requests: RequestCounts;
  readonly drift: Monitoring | undefined;
  readonly errors: ErrorWatch | undefined;
  /** The rows with labels. */
  readonly labelled: Ref | undefined;
}

const severities: Readonly<Record<StandardFinding, AlertSeverity>> = {
  HighErrorRate: 'critical',
  ConceptDrift: 'critical',
  HighLatency: 'warning',
  DataDrift: 'warning',
  PredictionDrift: 'warning',
  UnfairOutcomes: 'warning',
};

/** All that is wrong by these limits. */
export function standardFindings(seen: Seen, limits: StandardLimits = {}): Finding[] {
  const { endpoint } = seen;
  const found = (
    name: StandardFinding,
    summary: string,
    figures: Finding['evidence']['figures'],
    refs: readonly (Ref | undefined)[] = [],
  ): Finding => ({
    name,
    severity: severities[name],
    subject: { kind: 'deployment', name: endpoint },
    summary: `${endpoint}: ${summary}`.slice(0, 500),
    // A ref is its three fields: what else a report's or a dataset's has would be refused.
    evidence: {
      figures,
      refs: refs.flatMap((ref) => (ref ? [{ uri: ref.uri, sha256: ref.sha256, sizeBytes: ref.sizeBytes }] : [])),
    },
  });
  return [
    ...errorRate(seen, limits, found),
    ...latency(seen, limits, found),
    ...drift(seen, limits, found),
    ...conceptDrift(seen, limits, found),
    ...fairness(seen, limits, found),
  ];
}

/** What there was too little to look for. */
export function unseenFindings(
  { requests, drift: moved, errors }: Seen,
  limits: StandardLimits = {},
): StandardFinding[] {
  return [
    ...(requests.total === 0 ? (['HighErrorRate'] as const) : []),
    ...(tooFewAnswers(requests, limits) ? (['HighLatency'] as const) : []),
    ...(moved === undefined ? (['DataDrift', 'PredictionDrift'] as const) : []),
    ...(errors === undefined ? (['ConceptDrift', 'UnfairOutcomes'] as const) : []),
  ];
}

type Found = (
  name: StandardFinding,
  summary: string,
  figures: Finding['evidence']['figures'],
  refs?: readonly (Ref | undefined)[],
) => Finding;

function errorRate({ requests }: Seen, { errorRate: limit = 0.01 }: StandardLimits, found: Found): Finding[] {
  const { total, errors, errorRate: rate } = requests;
  if (rate === null || rate.lower <= limit) return [];
  const sure = `at least ${percent(rate.lower)} with ${percent(rate.confidence)} confidence`;
  const summary = `${percent(rate.rate)} of ${total} requests failed, ${sure}; the limit is ${percent(limit)}`;
  return [
    found('HighErrorRate', summary, { requests: total, errors, errorRate: rate.rate, errorRateLower: rate.lower }),
  ];
}

function latency({ requests }: Seen, limits: StandardLimits, found: Found): Finding[] {
  const { latencyP99Ms: most = Infinity, latencyRatio: ratio = 2 } = limits;
  const { latencyMs, usualLatencyMs } = requests;
  if (latencyMs === null || tooFewAnswers(requests, limits)) return [];
  const usual = usualLatencyMs?.p99;
  const isLong = latencyMs.p99 > most;
  const isLonger = usual !== undefined && latencyMs.p99 > ratio * usual;
  if (!isLong && !isLonger) return [];
  const against = isLong
    ? `the limit is ${ms(most)}`
    : `at first it was ${ms(usual ?? 0)}, the limit is ${ratio} times that`;
  const figures = { p50Ms: latencyMs.p50, p99Ms: latencyMs.p99, ...(usual !== undefined && { usualP99Ms: usual }) };
  return [found('HighLatency', `99 % of the answers took up to ${ms(latencyMs.p99)}; ${against}`, figures)];
}

function tooFewAnswers({ total, errors }: RequestCounts, { leastAnswers = 100 }: StandardLimits): boolean {
  return total - errors < leastAnswers;
}

function drift({ drift: seen }: Seen, limits: StandardLimits, found: Found): Finding[] {
  if (seen === undefined) return [];
  const { columnPsi = 0.25, predictionPsi = 0.25 } = limits;
  const { worst, driftedColumns, prediction, report } = seen;
  const others = driftedColumns.length > 1 ? `; ${driftedColumns.length} columns drifted` : '';
  const moved = `${worst.column} has moved: PSI ${figure(worst.psi)}, the limit is ${columnPsi}${others}`;
  const answered = `the model answers otherwise: PSI ${figure(prediction.psi)}, the limit is ${predictionPsi}`;
  const columns = { psi: worst.psi, driftedColumns: driftedColumns.length };
  return [
    ...(worst.psi > columnPsi ? [found('DataDrift', moved, columns, [report])] : []),
    ...(prediction.psi > predictionPsi
      ? [found('PredictionDrift', answered, { predictionPsi: prediction.psi }, [report])]
      : []),
  ];
}

function conceptDrift({ errors, labelled }: Seen, limits: StandardLimits, found: Found): Finding[] {
  if (errors === undefined) return [];
  const { meanError: most = Infinity } = limits;
  const { meanError, decayedFrom, changes, rows } = errors;
  if (decayedFrom === null && meanError <= most) return [];
  const by = [...new Set(changes.filter(({ rose }) => rose).map(({ detector }) => detector))].join(' and ');
  const why =
    decayedFrom === null
      ? `the limit is ${figure(most)}`
      : `${by === '' ? 'it had risen' : `by ${by} it rose`} from ${figure(decayedFrom)}`;
  const figures = { meanError, rows, ...(decayedFrom !== null && { decayedFrom }) };
  return [found('ConceptDrift', `the mean error of ${rows} rows is ${figure(meanError)}; ${why}`, figures, [labelled])];
}

function fairness({ errors, labelled }: Seen, { groupRatio = 0.8 }: StandardLimits, found: Found): Finding[] {
  const unfair = (errors?.groups ?? []).flatMap(({ column, demographicParity: { ratio } }) =>
    ratio !== null && ratio < groupRatio ? [{ column, ratio }] : [],
  );
  if (unfair.length === 0) return [];
  const words = unfair.map(({ column, ratio }) => `${column} ${figure(ratio)}`).join(', ');
  const summary = `groups get positive answers at different rates, lowest by highest: ${words}; the limit is ${groupRatio}`;
  const figures = Object.fromEntries(unfair.map(({ column, ratio }) => [`ratio ${column}`.slice(0, 100), ratio]));
  return [found('UnfairOutcomes', summary, figures, [labelled])];
}

function percent(share: number): string {
  return `${figure(share * 100)} %`;
}

function ms(milliseconds: number): string {
  return `${figure(milliseconds)} ms`;
}

function figure(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
