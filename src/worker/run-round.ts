/** The activity that runs the rounds of loops: each started once, waited for as long as it takes, its end put into a decision. @module */
import { putJson, readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { type RoundEnd, type RoundRequest, runRoundActivity } from '../contracts/loop-activities.js';
import { Candidate, type LoopRound, RoundOutcome } from '../contracts/loop-rounds.js';
import type { StandingModel } from '../contracts/loop-state.js';
import { roundRunId } from '../contracts/names.js';
import { endOfRun, type RoundHost } from './end-of-run.js';

/** The activity by name. Killed at any line and run again, it finds the run by its workflow id and starts nothing twice. */
export function roundActivities(host: RoundHost) {
  return {
    [runRoundActivity]: async (request: RoundRequest): Promise<RoundEnd> => {
      const { round, workflow } = await roundOf(host.store, request);
      const workflowId = roundRunId(host.project, request.loop, round.round);
      const end = await endOfRun(host, {
        workflow,
        workflowId,
        input: round,
        author: `loop ${request.loop}`,
        summary: `round ${round.round} of the loop ${request.loop}`,
      });
      const outcome: RoundOutcome =
        'failure' in end
          ? { verdict: 'failed', sentence: `Failed: ${end.failure}`.slice(0, 600) }
          : RoundOutcome.parse(end.output);
      return keptEnd(host.store, round.round, outcome);
    },
  };
}

async function roundOf(store: ArtifactStore, { loop, state }: RoundRequest) {
  const { policy, running } = state;
  if (policy === null || running === null) throw new TypeError(`${loop}: no round goes on`);
  const candidate = (model: StandingModel | null) =>
    model === null ? null : readJson(store, model.candidate, Candidate);
  const [champion, previous] = await Promise.all([candidate(state.champion), candidate(state.previous)]);
  const { trainMs, freshMs } = policy.window;
  const { round, purpose, triggers, asOf } = running;
  const from = new Date(Date.parse(asOf) - freshMs).toISOString();
  const trainFrom = trainMs === undefined ? undefined : new Date(Date.parse(from) - trainMs).toISOString();
  const given: LoopRound = {
    loop,
    round,
    purpose,
    triggers,
    asOf,
    window: { train: { ...(trainFrom && { from: trainFrom }), until: from }, fresh: { from, until: asOf } },
    endpoint: policy.endpoint,
    model: policy.model,
    rollout: policy.rollout,
    champion,
    previous,
    gate: policy.gate,
    settings: policy.settings,
    approval: policy.approval,
  };
  return { round: given, workflow: policy.workflow };
}

/** What the loop's head keeps of an outcome: digests, and refs to all else. */
async function keptEnd(store: ArtifactStore, round: number, outcome: RoundOutcome): Promise<RoundEnd> {
  const { verdict, sentence, challenger, rollout } = outcome;
  const evidence = await putJson(store, outcome);
  const named = challenger && { model: challenger.model.sha256, version: challenger.version };
  const decision = { round, verdict, sentence, evidence, ...named, ...(rollout && { rollout: rollout.id }) };
  if (verdict !== 'promoted' || challenger === undefined || named === undefined) return { decision };
  const candidate = await putJson(store, challenger);
  const at = new Date().toISOString();
  return { decision, champion: { ...named, candidate, at, round } };
}
