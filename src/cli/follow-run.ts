/** A run as it goes: a snapshot of stages and curves several times a second, until it is closed. @module */
import type { MetricPoint } from '../records/metrics-segments.js';
import { countPollers } from '../client/pollers.js';
import type { Run } from '../client/run.js';
import { isUnreachable } from '../client/unreachable.js';
import type { RunStatus, StageStatus } from '../client/run-status.js';
import { pipelinesPool } from '../contracts/names.js';
import type { Client } from '@temporalio/client';
import { placeSentence } from './standing.js';

/** What a view shows. */
export interface Snapshot {
  readonly status: RunStatus;
  /** Newest points of each stage call's curves, oldest first. */
  readonly curves: ReadonlyMap<StageStatus, readonly MetricPoint[]>;
  /** Sentences about what the run waits for, or what is wrong. */
  readonly notes: readonly string[];
}

/** What following a run needs. */
export interface FollowOptions {
  readonly run: Run;
  readonly client: Client;
  readonly project: string;
  readonly signal: AbortSignal;
  /** Milliseconds between snapshots. @default 250 */
  readonly intervalMs?: number;
  /** Sentences of one's own beside those that the run gives rise to. */
  readonly notes?: () => readonly string[];
  /** Stops the following before the run is closed. */
  readonly until?: (status: RunStatus) => boolean;
}

/** A run that waits longer than this for a worker says so; milliseconds. */
const patienceMs = 10_000;

/** Snapshots until the run is closed (the last one shows it closed), `until` holds or `signal` aborts. */
export async function* followRun(options: FollowOptions): AsyncGenerator<Snapshot> {
  const { run, signal } = options;
  const curves = new CurveReaders(run);
  try {
    let last: Pick<Snapshot, 'status' | 'notes'> | undefined;
    while (!signal.aborted) {
      // Ctrl-C does not wait for a server that keeps silent.
      const seen = await unlessAborted(look(options), signal);
      if (seen === 'aborted') return;
      last = seen === 'unreachable' ? last && { ...last, notes: [silence] } : seen;
      if (last) {
        const { status } = last;
        if (status.state !== 'running') await unlessAborted(curves.ended(status), signal);
        yield { status, curves: curves.of(status), notes: [...last.notes, ...(options.notes?.() ?? [])] };
        if (status.state !== 'running' || options.until?.(status)) return;
      }
      await pause(options.intervalMs ?? 250, signal);
    }
  } finally {
    curves.stop();
  }
}

/** A server that has not answered for so long is said to be away; milliseconds. */
const silenceMs = 5_000;
const silence = 'the Temporal server does not answer: the run goes on when it is back';

async function look(options: FollowOptions): Promise<Pick<Snapshot, 'status' | 'notes'> | 'unreachable'> {
  try {
    return await options.client.withDeadline(Date.now() + silenceMs, async () => {
      const status = await options.run.status();
      const { problem, place } = status;
      const notes = problem === undefined ? await waiting(options, status) : [`pipeline code fails: ${problem}`];
      if (place !== undefined) notes.unshift(placeSentence(place));
      if (status.budget?.exhausted) notes.push(`the budget is spent: trainyard budget raise ${status.workflowId}`);
      return { status, notes };
    });
  } catch (error) {
    if (isUnreachable(error)) return 'unreachable';
    throw error;
  }
}

function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | 'aborted'> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve('aborted');
    signal.addEventListener('abort', stop);
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** One reader for each stage call that has begun; it ends by itself when the call does. */
class CurveReaders {
  private readonly points = new Map<string, MetricPoint[]>();
  private readonly readers: Promise<void>[] = [];
  private readonly stopped = new AbortController();

  constructor(private readonly run: Run) {}

  of(status: RunStatus): Map<StageStatus, readonly MetricPoint[]> {
    const found = new Map<StageStatus, readonly MetricPoint[]>();
    for (const stage of status.stages) {
      const { stageKey, startedAt } = stage;
      const points = stageKey === undefined || startedAt === undefined ? [] : this.begin(stage, stageKey);
      if (points.length > 0) found.set(stage, points);
    }
    return found;
  }

  /** Resolves when the last points of a run that is closed are read. */
  async ended(status: RunStatus): Promise<void> {
    this.of(status);
    await Promise.all(this.readers);
  }

  stop(): void {
    this.stopped.abort();
  }

  /** By the key: what a run continues as counts its calls anew. */
  private begin({ stage, call }: StageStatus, key: string): readonly MetricPoint[] {
    const known = this.points.get(key);
    if (known) return known;
    const points: MetricPoint[] = [];
    this.points.set(key, points);
    this.readers.push(this.read(stage, call, points));
    return points;
  }

  private async read(stage: string, call: number, points: MetricPoint[]): Promise<void> {
    const { signal } = this.stopped;
    try {
      for await (const point of this.run.metrics(stage, { call, signal })) append(points, point);
    } catch {
      // Curves are a courtesy of the view: a store that cannot be read must not end the watching.
    }
  }
}

/** A step that is not newer than the last one: a resume superseded what came after it. */
function append(points: MetricPoint[], point: MetricPoint): void {
  while ((points.at(-1)?.step ?? -Infinity) >= point.step && points.at(-1)?.attempt !== point.attempt) points.pop();
  points.push(point);
}

async function waiting({ client, project }: FollowOptions, status: RunStatus): Promise<string[]> {
  const longAgo = Date.now() - patienceMs;
  const queues = [...status.stages, { pool: pipelinesPool, waitingSince: status.waitingSince }];
  const stuck = queues.filter(({ waitingSince }) => waitingSince && waitingSince.getTime() < longAgo);
  const pools = [...new Set(stuck.map(({ pool }) => pool))];
  return Promise.all(
    pools.map(async (pool) => {
      const workers = await countPollers(client, project, pool);
      return workers === 0
        ? `no worker serves pool ${pool}: start one with \`trainyard worker --pool ${pool}\``
        : `the workers of pool ${pool} (${workers} in the last minutes) are busy or gone`;
    }),
  );
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
