/** A rollout: step by step, look by look; back at the first bad verdict. @module */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineUpdate,
  scheduleActivity,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { type EndpointChange, endpoints } from '../contracts/endpoints.js';
import {
  compareWithTrainerActivity,
  endRolloutActivity,
  judgeRolloutActivity,
  type LookOutcome,
  type LookRequest,
  type RolloutBoard,
  RolloutCommand,
  type RolloutEnd,
  rolloutMemo,
  type RolloutOutcome,
  type RolloutStep,
  rolloutUpdate,
  type TrainerComparison,
  type TrainerQuestion,
} from '../contracts/rollouts.js';
import { boardOf, type RolloutState, trafficOfStep } from '../contracts/rollout-state.js';
import { mainRevision, singleTraffic, type Traffic } from '../contracts/traffic.js';
import { changeName } from './change-name.js';
import { checked } from './checked.js';
import { refusalIn } from './refused-change.js';

const asking = {
  startToCloseTimeout: '2 minutes',
  // One whose worker was killed is not waited for.
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
} as const;

/** Runs a rollout to its end; gives how it ended, with the evidence. */
export async function runRollout(state: RolloutState): Promise<RolloutEnd> {
  const { plan, before } = state;
  let order: 'promote' | 'abort' | undefined;
  let last: RolloutCommand | undefined;
  setHandler(
    defineUpdate<RolloutBoard, [unknown]>(rolloutUpdate),
    (raw) => {
      const command = checked(RolloutCommand, raw, 'command');
      state.commands.push(command);
      last = command;
      if (command.verb === 'pause' || command.verb === 'resume') state.paused = command.verb === 'pause';
      else order ??= command.verb;
      show();
      return boardOf(state);
    },
    {
      validator: (raw) => {
        checked(RolloutCommand, raw, 'command');
        if (state.commands.length >= 100)
          throw ApplicationFailure.nonRetryable('a hundred commands are enough for one rollout');
      },
    },
  );
  /** What somebody wants, by now. */
  const hand = () => order ?? (state.paused ? 'pause' : 'none');
  const show = () => {
    upsertMemo({ [rolloutMemo]: boardOf(state) });
  };
  const ask = (change: EndpointChange, why: string) =>
    changeName(endpoints, plan.endpoint, change, {
      reason: `rollout ${plan.id}: ${why}`.slice(0, 2_000),
      by: last?.by ?? plan.by.name,
    });
  const end = async (outcome: RolloutOutcome, because: string): Promise<RolloutEnd> => {
    state.because = because;
    show();
    const withdrawn = outcome !== 'promoted' && (await withdraw());
    const { revision, commands } = state;
    const ended = await scheduleActivity<RolloutEnd>(
      endRolloutActivity,
      [{ plan, revision, outcome, because, commands, withdrawn }],
      asking,
    );
    await condition(allHandlersFinished);
    return ended;
  };
  const moveTo = async (traffic: Traffic, why: string) => {
    const goesOn = state.beganMs > 0;
    await ask({ kind: 'setTraffic', traffic, instead: state.traffic, goesOn }, why);
    state.traffic = traffic;
  };
  /** Nobody needs the new revision any more, unless somebody else gave it requests to answer, or to listen to. */
  const withdraw = async (): Promise<boolean> => {
    if (state.revision === null) return false;
    const unless = plan.steps[state.step]?.mode === 'shadow' ? 'answers' : 'listens';
    try {
      const { revision } = await ask({ kind: 'withdraw', revision: state.revision, unless }, 'it is over');
      return revision !== null;
    } catch (error) {
      if (refusalIn(error) === undefined) throw error;
      return false; // somebody else took it away
    }
  };

  try {
    if (state.revision === null) {
      const { model, version } = plan;
      const { revision } = await ask({ kind: 'deploy', model, version, traffic: 'none' }, plan.reason);
      if (revision === null) throw ApplicationFailure.nonRetryable('a deployment has a revision'); // by the rules
      state.revision = revision;
      state.traffic = trafficOfStep(before, revision, undefined);
    }
    const revision = state.revision;
    const goBack = async (outcome: 'rolledBack' | 'aborted' | 'refused', because: string) => {
      await moveTo(before, because);
      return end(outcome, because);
    };
    /** Nobody commands right now, and all that counts is in the state. */
    const goOn = async () => {
      if (workflowInfo().continueAsNewSuggested && allHandlersFinished() && hand() === 'none')
        await continueAsNew<typeof runRollout>(state);
    };
    for (;;) {
      const step = plan.steps[state.step];
      if (order === 'abort') return await goBack('aborted', `${last?.by ?? ''}: ${last?.reason ?? ''}`);
      const isOver = state.step >= 0 && state.seen >= 1;
      if (order === 'promote' || (isOver && !state.paused && state.step === plan.steps.length - 1)) {
        const because = order === 'promote' ? `${last?.by ?? ''}: ${last?.reason ?? ''}` : 'every step was good';
        const sticky = before.stickyBy === undefined ? {} : { stickyBy: before.stickyBy };
        await moveTo({ ...singleTraffic(revision), ...sticky }, because);
        return await end('promoted', because);
      }
      if (state.paused) {
        await condition(() => hand() !== 'pause');
        continue;
      }
      if (plan.parity !== undefined && state.step < 0 && state.agrees !== true) {
        const { endpoint, model, parity } = plan;
        const compared = await askTrainer({ endpoint, revision, model, parity });
        if (compared.kind === 'differs') return await goBack('refused', compared.because);
        state.agrees = compared.kind === 'agrees';
        if (state.agrees) continue;
        state.because = 'no model server has loaded it yet';
        show();
        await condition(() => hand() !== 'none', plan.lookEvery * 1_000);
        await goOn();
        continue;
      }
      if (step === undefined || isOver) {
        state.step++;
        await moveTo(
          trafficOfStep(before, revision, plan.steps[state.step]),
          `step ${state.step + 1} of ${plan.steps.length}`,
        );
        const sinceMs = Date.now();
        if (state.step === 0) state.beganMs = sinceMs;
        Object.assign(state, { seen: 0, generation: null, sinceMs, because: 'the step begins' });
        show();
        continue;
      }
      await condition(() => hand() !== 'none', plan.lookEvery * 1_000);
      if (hand() !== 'none') continue;
      const outcome = await lookAt(state, step, revision);
      if (outcome.kind === 'overtaken') return await end('overtaken', 'somebody else changed the traffic');
      const { look, generation } = outcome;
      Object.assign(state, { generation, seen: look.seen, looks: look.look, because: look.because });
      show();
      if (look.verdict === 'bad') return await goBack('rolledBack', look.because);
      await goOn();
    }
  } catch (error) {
    const refused = refusalIn(error);
    if (refused === undefined) throw error;
    return end(refused.code === 'TY2305' ? 'overtaken' : 'refused', `${refused.what} [${refused.code}]`);
  }
}

/** The old revision's figures of so long before a rollout count where the new one answers everything. */
const earlierMs = 3_600_000;

function lookAt(state: RolloutState, { mode, hold }: RolloutStep, after: number): Promise<LookOutcome> {
  const { plan, before, step, looks, traffic, sinceMs, seen: seenBefore } = state;
  const { id, endpoint, limits } = plan;
  const request: LookRequest = {
    plan: { id, endpoint, limits },
    step,
    look: looks + 1,
    hold,
    traffic,
    revisions: { before: mainRevision(before), after },
    sinceMs,
    ...(mode === 'full' && { earlierMs: state.beganMs - earlierMs }),
    generation: state.generation ?? undefined,
    seenBefore,
  };
  return scheduleActivity<LookOutcome>(judgeRolloutActivity, [request], asking);
}

function askTrainer(question: TrainerQuestion): Promise<TrainerComparison> {
  const summary = `revision ${question.revision} against its trainer`;
  return scheduleActivity<TrainerComparison>(compareWithTrainerActivity, [question], { ...asking, summary });
}
