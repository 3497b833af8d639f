/** What a comparison allows: a promotion, or a way back. Pure, so that a replay and a reader come to the same words. @module */
import type { LoopGate } from './loop-policy.js';
import type { Comparison, LoopTrigger } from './loop-rounds.js';

/** Why the challenger does not pass the gate, each in half a sentence; none where it does. */
export function objectionsTo(comparison: Comparison, gate: LoopGate): string[] {
  const { interval, groups, latencyMs } = comparison;
  const objections: string[] = [];
  if (interval.lower <= gate.margin)
    objections.push(`the interval of its gain does not lie above the margin of ${gate.margin}`);
  const limit = gate.maxGroupDifference;
  const worst = groups.toSorted((one, other) => other.challenger - one.challenger)[0];
  if (limit !== undefined && worst !== undefined && worst.challenger > limit)
    objections.push(
      `groups of ${worst.column} differ by ${shown(worst.challenger)} in ${worst.measure}, more than ${limit}`,
    );
  const ratio = latencyMs === undefined ? undefined : latencyMs.challenger / latencyMs.champion;
  if (gate.maxLatencyRatio !== undefined && ratio !== undefined && ratio > gate.maxLatencyRatio)
    objections.push(`it takes ${ratio.toFixed(1)} times as long for a row, more than ${gate.maxLatencyRatio}`);
  return objections;
}

/** Whether the first of two models is worse beyond doubt: the whole interval of its gain lies below the margin's negative. */
export function isWorse({ interval }: Comparison, { margin }: LoopGate): boolean {
  return interval.upper < -margin;
}

/** `AUC 0.752 against the champion's 0.713 on the same 6,131 rows (gain 0.040, 95 % interval 0.036 to 0.045)`. */
export function comparisonInWords(comparison: Comparison, other = "the champion's"): string {
  const { metric, challenger, champion, rows, gain, interval } = comparison;
  const sure = `${Math.round(100 * interval.confidence)} % interval ${shown(interval.lower)} to ${shown(interval.upper)}`;
  const count = rows.toLocaleString('en-US');
  return `${metric.toUpperCase()} ${shown(challenger)} against ${other} ${shown(champion)} on the same ${count} rows (gain ${shown(gain)}, ${sure})`;
}

/** `asked for by drift (PSI of temp 5.2) and 27,000 new labelled rows`. */
export function triggersInWords(triggers: readonly LoopTrigger[]): string {
  if (triggers.length === 0) return 'asked for by nobody';
  const reasons = triggers.map(({ cause, why }) => (cause === 'rows' ? why : `${causes[cause]} (${why})`));
  const [last] = reasons.slice(-1);
  return `asked for by ${[reasons.slice(0, -1).join(', '), last].filter(Boolean).join(' and ')}`;
}

const causes = { schedule: 'the clock', drift: 'drift', rows: 'rows', person: 'a person' } as const;

function shown(value: number): string {
  return value.toFixed(3);
}
