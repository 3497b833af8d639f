/** A loop's rounds: the user's steps, and the decisions between them, make a plain Temporal workflow. @module */
import type { z } from 'zod';
import type { LoopContract } from '../contracts/define-loop.js';
import { comparisonInWords, isWorse, objectionsTo, triggersInWords } from '../contracts/loop-gate.js';
import type { Candidate, Comparison, LoopRound, RoundOutcome } from '../contracts/loop-rounds.js';
import type { RolledOut } from '../contracts/roll-out.js';
import { implementPipeline, type PipelineRun } from './implement-pipeline.js';
import { asked, crown, registered, uncrown } from './loop-registry.js';
import { putBack } from './put-back.js';
import { type PutOut, stagedOut } from './staged-out.js';

/** A round as its steps see it: a run of a pipeline. */
export type LoopRun = PipelineRun<'promotion', z.input<typeof LoopRound>, 'promotion'>;

/** How a model came to serve, or did not. */
export type RollOutEnd =
  | { readonly outcome: 'served' }
  /** The roll-out itself has put the model before it back. */
  | { readonly outcome: 'rolledBack'; readonly reason: string };

/** What a candidate may leave out. */
export type NewCandidate = z.input<typeof Candidate>;

/** What a loop does in a round. `Data` is whatever the steps share: the ref of a dataset with the round's two windows as splits. */
export interface LoopSteps<Data> {
  /** Brings the rows of `round.window`. */
  prepare(round: LoopRound, run: LoopRun): Promise<Data>;
  /** Trains a challenger on the rows of `round.window.train`. */
  train(round: LoopRound, data: Data, run: LoopRun): Promise<NewCandidate>;
  /** Compares two models on the rows of `round.window.fresh`. */
  compare(
    round: LoopRound,
    data: Data,
    pair: { readonly challenger: Candidate; readonly champion: Candidate },
    run: LoopRun,
  ): Promise<z.input<typeof Comparison>>;
  /**
   * Puts a model in front of the endpoint's callers, another way than the contract's `rollout`: a new champion, or the one before again. `decision`:
   * the binding of the approval that allowed it. @default a staged rollout (docs/rollout.md), and the way back at once
   */
  rollOut?(round: LoopRound, candidate: Candidate, run: LoopRun, decision?: string): Promise<RollOutEnd>;
}

/**
 * Implements the rounds of a loop contract. The result is a workflow function: export it under the contract's name from the file of workflows.
 * @example
 * export const churnRetraining = implementLoop(contracts.churnRetraining).with({
 *   prepare: (round) => stages.ingest({ … }),
 *   train: (round, { dataset }) => stages.train({ dataset }),
 *   compare: (round, { dataset }, { challenger, champion }) =>
 *     stages.compare({ challenger: challenger.model, champion: champion.model, dataset, split: 'fresh' }),
 * });
 */
export function implementLoop(contract: Pick<LoopContract, 'pipeline'>): {
  with<Data>(steps: LoopSteps<Data>): (round: z.input<typeof LoopRound>) => Promise<RoundOutcome>;
} {
  return {
    with: (steps) =>
      implementPipeline(contract.pipeline).with(async (run, round) => {
        const data = await steps.prepare(round, run);
        return round.purpose === 'train' ? trainRound(steps, round, data, run) : watchRound(steps, round, data, run);
      }),
  };
}

type Outcome = z.input<typeof RoundOutcome>;

async function trainRound<Data>(steps: LoopSteps<Data>, round: LoopRound, data: Data, run: LoopRun): Promise<Outcome> {
  const trained: Candidate = { metrics: {}, ...(await steps.train(round, data, run)) };
  const asked = triggersInWords(round.triggers);
  const { champion } = round;
  const comparison = champion ? await steps.compare(round, data, { challenger: trained, champion }, run) : undefined;
  const filled = comparison && asComparison(comparison);
  const challenger = await registered(round, trained, data, filled);
  const made = { challenger, ...(comparison && { comparison }) };
  const objections = filled ? objectionsTo(filled, round.gate) : [];
  const words = filled ? comparisonInWords(filled) : 'there is no champion yet';
  const ended = (verdict: Outcome['verdict'], what: string, rollout?: RolledOut): Outcome => ({
    verdict,
    sentence: `${what}; ${asked}.`.slice(0, 600),
    ...made,
    ...(rollout && { rollout }),
  });
  if (objections.length > 0) return ended('refused', `Refused: ${words}: ${objections.join('; ')}`);

  let allowedBy: string | undefined;
  if (round.approval) {
    const evidence = {
      loop: round.loop,
      round: round.round,
      asked,
      model: challenger.model.sha256,
      ...(challenger.version !== undefined && { version: challenger.version }),
      champion: champion?.model.sha256 ?? null,
      comparison: comparison ?? null,
    };
    const decision = await run.approval('promotion', { evidence });
    allowedBy = decision.binding;
    if (decision.verdict === 'expired') return ended('expired', `Expired: ${words}, and nobody decided in time`);
    if (decision.verdict === 'rejected')
      return ended('rejected', `Rejected by ${decision.by} (${decision.reason}): ${words}`);
  }
  const end = await putOut(steps, round, challenger, run, allowedBy);
  if (end.verdict !== 'promoted') return ended(end.verdict, `${end.what}; ${words}`, end.rollout);
  const objection = await crown(round, challenger, allowedBy);
  if (objection === undefined) return ended('promoted', `Promoted: ${words}${end.what}`, end.rollout);
  await takeBack(steps, round, challenger, champion ?? undefined, run);
  return ended('refused', `Refused by the registry, and taken back: ${objection}; ${words}`, end.rollout);
}

async function putOut<Data>(
  steps: LoopSteps<Data>,
  round: LoopRound,
  challenger: Candidate,
  run: LoopRun,
  decision: string | undefined,
): Promise<PutOut> {
  if (steps.rollOut) {
    const end = await steps.rollOut(round, challenger, run, decision);
    return end.outcome === 'served'
      ? { verdict: 'promoted', what: '' }
      : { verdict: 'rolledBack', what: `Rolled back on its way out: ${end.reason}` };
  }
  return stagedOut(round, challenger);
}

/** Puts the model before in front of the callers again, at once, and gives the alias back. */
async function takeBack<Data>(
  steps: LoopSteps<Data>,
  round: LoopRound,
  bad: Candidate,
  good: Candidate | undefined,
  run: LoopRun,
): Promise<void> {
  if (steps.rollOut) {
    if (good) await steps.rollOut(round, good, run);
  } else await putBack(round.endpoint, { bad: bad.model, good: good?.model }, asked(round, bad, 'takes back'));
  await uncrown(round, bad);
}

async function watchRound<Data>(steps: LoopSteps<Data>, round: LoopRound, data: Data, run: LoopRun): Promise<Outcome> {
  const { champion, previous } = round;
  if (champion === null || previous === null) return { verdict: 'kept', sentence: 'Kept: there is none before it.' };
  const comparison = await steps.compare(round, data, { challenger: champion, champion: previous }, run);
  const filled = asComparison(comparison);
  const words = comparisonInWords(filled, 'that of the model before it,');
  if (!isWorse(filled, round.gate)) return { verdict: 'kept', sentence: `Kept: ${words}.`, comparison };
  await takeBack(steps, round, champion, previous, run);
  return { verdict: 'rolledBack', sentence: `Rolled back to the model before: ${words}.`, comparison };
}

/** What the gate reads has no defaults to fill; the contract checks the whole when the round ends. */
function asComparison(comparison: z.input<typeof Comparison>): Comparison {
  return { others: {}, groups: [], ...comparison };
}
