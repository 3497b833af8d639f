/** The budget of attempts without progress, counted from the records where progress is known. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import { attemptsWithoutProgress, failureClasses } from '../contracts/failure-classes.js';
import { type AttemptRecord, attemptTokens, readAttempt } from './attempt-log.js';
import { checkpointFolders, readBase } from './checkpoint-chain.js';
import { baseKey, callFolder, parseToken } from './layout.js';

/** Attempts of one generation since its last newer checkpoint. */
export interface AttemptsSinceProgress {
  /** Drained, or stopped from outside: free. */
  readonly drained: number;
  /** They waited for data. */
  readonly unavailable: number;
  readonly failed: number;
  /** Without an end: their worker was lost. */
  readonly vanished: number;
  /** The newest failure among them. */
  readonly lastFailure?: { readonly class: string; readonly message: string };
}

/**
 * Counts back from the attempt `before` to the last one of its generation that made progress: whose checkpoint became a later
 * attempt's base. The newest attempt's checkpoints have not been tried by anybody: it counts neither for nor against.
 */
export async function attemptsSinceProgress(
  store: ArtifactStore,
  stageKey: string,
  before: string,
): Promise<AttemptsSinceProgress> {
  const { generation } = parseToken(before);
  const tokens = (await attemptTokens(store, stageKey)).filter(
    (token) => token < before && parseToken(token).generation === generation,
  );
  const folder = callFolder('checkpoints', stageKey);
  const published = new Set(
    (await checkpointFolders(store, folder)).filter(({ seqs }) => seqs.length > 0).map(({ token }) => token),
  );
  const count = { drained: 0, unavailable: 0, failed: 0, vanished: 0 };
  let lastFailure: AttemptsSinceProgress['lastFailure'];
  let laterBase: string | null | undefined;
  for (const token of tokens.reverse()) {
    const base = await readBase(store, baseKey(folder, token), () => Promise.resolve());
    const own = base && (base.checkpoint?.key ?? null);
    if (published.has(token) && laterBase !== undefined && laterBase !== own) break;
    if (!published.has(token) || laterBase !== undefined) {
      const end = endOf(await readAttempt(store, stageKey, token));
      count[end.counts]++;
      lastFailure ??= end.failure;
    }
    if (own !== undefined) laterBase = own;
  }
  return lastFailure ? { ...count, lastFailure } : count;
}

/** Why the stage ends as `NoProgress`; undefined while another attempt may be made. */
export function whyNoProgress({
  unavailable,
  failed,
  vanished,
  lastFailure,
}: AttemptsSinceProgress): string | undefined {
  const last = lastFailure ? `; the last failure: ${lastFailure.class}: ${lastFailure.message}` : '';
  if (failed >= attemptsWithoutProgress.failed) return `${failed} attempts failed without a newer checkpoint${last}`;
  if (vanished >= attemptsWithoutProgress.vanished)
    return `${vanished} attempts lost their worker without a newer checkpoint${last}`;
  if (unavailable >= attemptsWithoutProgress.unavailable) return `${unavailable} attempts found no data${last}`;
  return undefined;
}

function endOf({ events }: AttemptRecord): {
  readonly counts: 'drained' | 'unavailable' | 'failed' | 'vanished';
  readonly failure?: AttemptsSinceProgress['lastFailure'];
} {
  const end = events.findLast(({ event }) => event === 'end');
  // A completed attempt that was followed by another one never reached the server: its worker was lost.
  if (end?.event !== 'end' || end.outcome === 'completed') return { counts: 'vanished' };
  const { budget } = end.outcome === 'failed' ? failureClasses[end.class] : { budget: 'free' as const };
  if (end.outcome !== 'failed' || budget === 'free') return { counts: 'drained' };
  return { counts: budget, failure: { class: end.class, message: end.message } };
}
