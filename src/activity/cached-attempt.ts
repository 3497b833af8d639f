/** An attempt of a cached stage: takes the result where it is there, waits where another run makes it, else makes and keeps it. @module */
import type { Logger } from 'pino';
import { classifyError } from '../context/stage-failure.js';
import type { StageEnvelope } from '../contracts/envelope.js';
import { messageOf } from '../contracts/errors.js';
import { failureClasses } from '../contracts/failure-classes.js';
import type { CacheParts } from '../records/cache-entries.js';
import { AttemptFailure, type AttemptHost, AttemptInterrupted } from './attempt-host.js';
import type { CacheClaims } from './cache-claim.js';
import type { CacheAnswer, StageCache } from './stage-cache.js';

/** What the attempt is. */
export interface CachedAttempt {
  readonly cache: StageCache;
  readonly input: unknown;
  readonly host: AttemptHost;
  readonly claims: CacheClaims;
  readonly activityId: string;
  readonly log: Logger;
}

/** Runs `attempt` only where no result is there. Throws like it, and `ResultAwaited` where another run makes the result. */
export async function cachedAttempt(
  cached: CachedAttempt,
  attempt: (parts?: CacheParts) => Promise<StageEnvelope>,
): Promise<StageEnvelope> {
  const answer = await ask(cached);
  if (answer === undefined) return attempt();
  if (answer.hit === true) return answer.envelope;
  const { stage } = cached.cache;
  if (answer.hit === 'awaited')
    throw failure(stage, 'ResultAwaited', `stage ${stage}: ${answer.run} makes the same result`, { run: answer.run });
  try {
    const envelope = await attempt(answer.parts);
    // What was made is given, whether or not it can be kept.
    await answer.keep(envelope.output).catch((error: unknown) => {
      cached.log.warn({ stage, reason: messageOf(error) }, 'the result was not kept for others');
    });
    return envelope;
  } catch (error) {
    if (endsCall(error)) await answer.letGo();
    throw error;
  }
}

/** Undefined where the cache cannot be asked, for a reason that is not the stage's own: it is there to save work, not to stop it. */
async function ask({ cache, input, host, claims, activityId, log }: CachedAttempt): Promise<CacheAnswer | undefined> {
  const { workflowId, runId, call } = host;
  try {
    const claimant = { workflowId, runId, activityId };
    return await cache.ask({ input, source: { workflowId, runId, stageKey: call.stageKey }, claimant, claims });
  } catch (error) {
    const { failureClass, message, evidence } = classifyError(error);
    if (failureClass !== 'Failed') throw failure(cache.stage, failureClass, message, evidence, error);
    log.warn({ stage: cache.stage, reason: message }, 'the cache could not be asked: the result is made, and not kept');
    return undefined;
  }
}

function failure(
  stage: string,
  ...[failureClass, message, evidence, cause]: [
    AttemptFailure['failureClass'],
    string,
    AttemptFailure['details']['evidence'],
    unknown?,
  ]
): AttemptFailure {
  return new AttemptFailure(failureClass, message, { stage, attempts: 0, evidence }, { cause });
}

/** Temporal makes no other attempt of the activity, so that nobody would let go of the claim. */
function endsCall(error: unknown): boolean {
  if (error instanceof AttemptInterrupted) return error.reason === 'cancelled';
  return error instanceof AttemptFailure && failureClasses[error.failureClass].loop !== 'inner';
}
