/** What Temporal knows of runs: which are open, which closed when, what their histories carry. @module */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { dateOf, type History } from '../client/temporal-types.js';
import { runSliceActivity } from '../contracts/slices.js';
import { watchRunActivity } from '../contracts/tenants.js';
import { type HistoryRef, refsInHistory } from './history-refs.js';

/** One execution; a workflow id may have had several. */
export interface KnownRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Undefined while it is open. */
  readonly closedMs: number | undefined;
}

/** All of a namespace. */
export interface KnownRuns {
  readonly runs: readonly KnownRun[];
  /** When the longest-running attempt of any stage began; Infinity when none runs. It may hold refs that nobody else knows of. */
  readonly oldestAttemptMs: number;
  /** How long the namespace remembers closed runs; milliseconds. */
  readonly retentionMs: number;
  /** Every ref in the histories of runs whose workflow id begins with `prefix`. */
  refs(prefix?: string): AsyncIterable<HistoryRef & { readonly run: KnownRun }>;
}

/** Requests at a time. */
const concurrency = 8;

/** Asks for every run of the client's namespace, of whatever project: they may share a store. */
export async function knownRuns(client: Client): Promise<KnownRuns> {
  const { namespace } = client.options;
  const { config } = await client.connection.workflowService.describeNamespace({ namespace });
  const runs: KnownRun[] = [];
  for await (const { workflowId, runId, status, closeTime } of client.workflow.list())
    runs.push({ workflowId, runId, closedMs: status.name === 'RUNNING' ? undefined : closeTime?.getTime() });
  // Before any history is read: what an attempt returns between these two is in the history, what it returns later is as new as it is.
  const open = runs.filter(({ closedMs }) => closedMs === undefined);
  let oldestAttemptMs = Infinity;
  for await (const startedMs of inTurn(open, (run) => oldestAttempt(client, run)))
    oldestAttemptMs = Math.min(oldestAttemptMs, startedMs);
  return {
    runs,
    oldestAttemptMs,
    retentionMs: Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1_000,
    refs: (prefix = '') =>
      historyRefs(
        client,
        runs.filter(({ workflowId }) => workflowId.startsWith(prefix)),
      ),
  };
}

async function oldestAttempt(client: Client, { workflowId, runId }: KnownRun): Promise<number> {
  const described = await client.workflow.getHandle(workflowId, runId).describe().catch(ignoreGone);
  const times = (described?.raw.pendingActivities ?? [])
    // They wait as long as a run goes on, and hold nothing.
    .filter(({ activityType }) => ![watchRunActivity, runSliceActivity].includes(activityType?.name ?? ''))
    .map(({ lastStartedTime, scheduledTime }) => dateOf(lastStartedTime ?? scheduledTime)?.getTime());
  return Math.min(...times.filter((time) => time !== undefined));
}

async function* historyRefs(
  client: Client,
  runs: readonly KnownRun[],
): AsyncGenerator<HistoryRef & { readonly run: KnownRun }, void, undefined> {
  const fetched = inTurn(runs, async (run): Promise<{ run: KnownRun; history: History | undefined }> => {
    const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory().catch(ignoreGone);
    return { run, history };
  });
  for await (const { run, history } of fetched)
    if (history)
      for await (const found of refsInHistory(history, client.options.loadedDataConverter)) yield { ...found, run };
}

/** Results in the order of the items, so many at a time. */
async function* inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  for (let from = 0; from < items.length; from += concurrency)
    yield* await Promise.all(items.slice(from, from + concurrency).map(work));
}

/** Retention may end while we ask. */
function ignoreGone(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
