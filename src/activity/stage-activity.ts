/** A stage as a Temporal activity: what a pool's worker registers under the stage's name. @module */
import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Logger } from 'pino';
import type { EntityAccess } from '../context/entity-access.js';
import type { ArtifactStore } from '../artifacts/store.js';
import type { Project } from '../contracts/define-project.js';
import type { StageContract } from '../contracts/define-stage.js';
import { toMilliseconds } from '../contracts/duration.js';
import type { StageCall, StageEnvelope } from '../contracts/envelope.js';
import { TrainyardError } from '../contracts/errors.js';
import { failureClasses } from '../contracts/failure-classes.js';
import { defaultPriority } from '../contracts/priority.js';
import { AttemptFailure, type AttemptHost, AttemptInterrupted } from './attempt-host.js';
import type { StageImplementation } from './implement-stage.js';
import type { CacheParts } from '../records/cache-entries.js';
import { CacheClaims } from './cache-claim.js';
import { cachedAttempt } from './cached-attempt.js';
import { StageCache } from './stage-cache.js';
import { resolveSecrets, withheldVariables } from './resolve-secrets.js';
import { runAttempt } from './run-attempt.js';
import { shortenedError } from './shortened.js';
import type { SpendMeters } from './spend-meter.js';
import { stageCallOf } from './stage-call.js';
import type { Graces } from './stop-signal.js';

/** Lends GPUs, by index, to one attempt each. */
export interface DeviceLender {
  take(): readonly number[];
  giveBack(devices: readonly number[]): void;
  /** The attempt that had them found them broken; before they are given back. */
  failed(devices: readonly number[]): void;
}

/** An attempt among those of its worker. */
export interface Turn {
  readonly run: string;
  readonly stage: string;
  /** 1 goes first. */
  readonly priority: number;
  /** It saves checkpoints: little is lost when it makes room. */
  readonly mayYield: boolean;
}

/** Knows the attempts of a worker, and may ask one to make room. */
export interface AttemptTurns {
  /** `signal` is aborted with the priority of what the attempt makes room for. */
  enter(turn: Turn): { readonly signal: AbortSignal; leave(): void };
}

/** What the attempts of a worker share. */
export interface StageActivityOptions extends Graces {
  readonly store: ArtifactStore;
  readonly project: Pick<Project, 'name' | 'pools' | 'secrets'>;
  /** @default no devices */
  readonly devices?: DeviceLender;
  /** @default none is asked to make room */
  readonly turns?: AttemptTurns;
  /** @default changes names beside an engine */
  readonly entities?: EntityAccess;
  /** Attempts get a folder each below it. */
  readonly scratchRoot: string;
  readonly log: Logger;
  /** Code below it counts in the keys of cached results. @default the working directory */
  readonly projectFolder?: string;
  /** @default nothing costs anything */
  readonly meters?: SpendMeters;
  /** An output that makes a larger payload is refused. @default 64 KiB, as in development */
  readonly maxPayloadBytes?: number;
}

/**
 * The activity of a stage; the worker needs `stageCallInterceptor` beside it.
 * @throws TrainyardError TY1107 for a handler on a pool with a device.
 */
export function createStageActivity(
  implementation: StageImplementation,
  options: StageActivityOptions,
): (input: unknown) => Promise<StageEnvelope> {
  const { contract, code } = implementation;
  const { project, devices, turns } = options;
  if (code.kind === 'handler' && project.pools[contract.pool]?.device !== undefined)
    throw new TrainyardError(
      'TY1107',
      `stage ${contract.name} runs in the worker, and its pool ${contract.pool} has a device`,
    );
  const withheld = withheldVariables(contract, project);
  const cache = contract.cache ? new StageCache(implementation, options) : undefined;
  return async (input) => {
    const context = Context.current();
    const lent = devices?.take() ?? [];
    const turn = turns?.enter({
      run: context.info.workflowExecution?.workflowId ?? '',
      stage: contract.name,
      priority: context.info.priority?.priorityKey || defaultPriority,
      mayYield: contract.checkpoint !== undefined,
    });
    try {
      const host = temporalHost(context, contract, project.name, turn?.signal);
      const secrets = () => resolveSecrets(contract, project);
      const attempt = (cacheParts?: CacheParts) =>
        runAttempt(implementation, input, host, { ...options, secrets, withheld, devices: lent, cacheParts });
      if (cache === undefined) return await attempt();
      const claims = new CacheClaims(context.client, project.name);
      return await cachedAttempt(
        { cache, input, host, claims, activityId: context.info.activityId, log: options.log },
        attempt,
      );
    } catch (error) {
      if (error instanceof AttemptInterrupted) return await context.cancelled; // rejects with Temporal's own failure
      if (!(error instanceof AttemptFailure)) throw error;
      if (error.failureClass === 'DeviceFailed') devices?.failed(lent);
      throw applicationFailure(error);
    } finally {
      turn?.leave();
      devices?.giveBack(lent);
    }
  };
}

function temporalHost(
  context: Context,
  contract: StageContract,
  project: string,
  yielding = new AbortController().signal,
): AttemptHost {
  const { info, cancellationSignal } = context;
  const { workflowId, runId } = info.workflowExecution ?? {
    workflowId: info.activityId,
    runId: info.activityRunId ?? '',
  };
  return {
    workflowId,
    runId,
    call: stageCallOf(context) ?? bareCall(`${workflowId}/${contract.name}-${info.activityId}`, contract, project),
    scheduledMs: info.currentAttemptScheduledTimestampMs,
    attempt: info.attempt,
    worker: `${process.pid}@${info.taskQueue}`,
    heartbeat: (progress) => {
      context.heartbeat(progress);
    },
    signal: AbortSignal.any([cancellationSignal, yielding]),
    yieldedTo: () => Number(yielding.reason),
    stopReason: () => {
      if (!cancellationSignal.aborted) return 'yielded';
      const details = context.cancellationDetails;
      if (details?.workerShutdown) return 'drained';
      if (details?.paused) return 'paused';
      if (details?.reset) return 'reset';
      if (details?.timedOut) return 'timedOut';
      return details?.notFound ? 'superseded' : 'cancelled';
    },
  };
}

/** The call of an activity that a workflow scheduled by Temporal's own `proxyActivities`: one call, one activity. */
function bareCall(stageKey: string, contract: StageContract, project: string): StageCall {
  return { stageKey, generation: 0, project, stallMs: toMilliseconds(contract.limits.stall) };
}

/** The class decides what Temporal does: retry at once, retry later, or leave it to the workflow. */
function applicationFailure({ failureClass, message, details, cause }: AttemptFailure): ApplicationFailure {
  const { loop, delayMs } = failureClasses[failureClass];
  return ApplicationFailure.create({
    message,
    type: failureClass,
    nonRetryable: loop !== 'inner',
    nextRetryDelay: `${delayMs} ms`,
    category: failureClasses[failureClass].budget === 'free' ? ApplicationFailureCategory.BENIGN : undefined,
    details: [details],
    ...(cause instanceof Error ? { cause: shortenedError(cause) } : {}),
  });
}
