/** How a loop puts a challenger in front of the callers where its user says nothing: by a staged rollout. @module */
import type { Candidate, LoopRound } from '../contracts/loop-rounds.js';
import type { RolledOut } from '../contracts/roll-out.js';
import { idOf } from './loop-registry.js';
import { refusalIn } from './refused-change.js';
import { rollOut } from './roll-out.js';

/** What came of putting a challenger in front of the callers, with a part of the round's sentence. */
export interface PutOut {
  readonly verdict: RolledOut['outcome'];
  readonly what: string;
  readonly rollout?: RolledOut;
}

/** Rolls a challenger out by the terms of the round's policy. A round that is killed, or reset, finds the rollout that it began. */
export async function stagedOut(round: LoopRound, challenger: Candidate): Promise<PutOut> {
  const { loop, endpoint, model: name, rollout: terms } = round;
  const { model, version, parity } = challenger;
  try {
    const rollout = await rollOut(endpoint, {
      ...terms,
      id: idOf(round, model),
      model,
      parity,
      ...(name !== undefined && version !== undefined && { version: { name, version } }),
      by: `loop ${loop}`,
      reason: `round ${round.round} of the loop ${loop}`,
    });
    return { verdict: rollout.outcome, what: wordsOf(rollout, version), rollout };
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal === undefined) throw error;
    return { verdict: 'refused', what: `Refused by the endpoint: ${refusal.what} [${refusal.code}]` };
  }
}

/** Begins the sentence of a round whose challenger came back, ends that of one whose challenger was promoted. */
function wordsOf({ id, outcome, because, evidence }: RolledOut, version: number | undefined): string {
  const which = version === undefined ? 'it' : `version ${version}`;
  const why = because.slice(0, 250);
  if (outcome === 'promoted') return evidence ? `; ${which} by rollout ${id}: ${why}` : `; ${which} at once: ${why}`;
  return `${begun[outcome]} by rollout ${id} (evidence ${evidence?.sha256.slice(0, 12) ?? 'none'}): ${why}`;
}

const begun = {
  rolledBack: 'Rolled back on its way out',
  aborted: 'Aborted on its way out',
  overtaken: 'Overtaken on its way out',
  refused: 'Refused on its way out',
} as const;
