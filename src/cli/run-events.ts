/** What changed between two snapshots of a run, as events: the JSON lines of `--json`, the plain lines without a terminal. @module */
import type { MetricPoint } from '../records/metrics-segments.js';
import type { StageStatus } from '../client/run-status.js';
import { duration, quantity } from './figures.js';
import type { Snapshot } from './follow-run.js';

/** A line of `--json`. */
export type RunEvent =
  | { type: 'run'; workflowId: string; runId: string; pipeline: string; state: string }
  | {
      type: 'stage';
      stage: string;
      call: number;
      pool: string;
      state: StageStatus['state'];
      attempt: number;
      elapsedMs: number;
      failure?: string;
    }
  | { type: 'progress'; stage: string; call: number; done: number; total?: number; unit: string; note?: string }
  | { type: 'metrics'; stage: string; call: number; step: number; values: Readonly<Record<string, number>> }
  | { type: 'approval'; name: string; id: string; expiresAt: string; evidence: unknown }
  | { type: 'note'; note: string };

/** Remembers what it has told; progress and metrics are told at most every `quietMs`. */
export class RunEvents {
  private readonly told = new Map<string, string>();
  private readonly quietUntil = new Map<string, number>();

  constructor(private readonly quietMs: number) {}

  /** Events since the snapshot before. @param now milliseconds since the epoch. */
  of({ status, curves, notes }: Snapshot, now: number): RunEvent[] {
    const events: RunEvent[] = [];
    const { workflowId, runId, pipeline, state } = status;
    const run = this.isNews('run', state) ? [{ type: 'run', workflowId, runId, pipeline, state } as const] : [];
    if (state === 'running') events.push(...run);
    for (const stage of status.stages) events.push(...this.stageEvents(stage, curves.get(stage)?.at(-1), now));
    for (const { name, id, expiresAt, evidence } of status.approvals)
      if (this.isNews(`approval ${id}`, id)) events.push({ type: 'approval', name, id, expiresAt, evidence });
    for (const note of notes) if (this.isNews(`note ${note}`, note)) events.push({ type: 'note', note });
    // What the end came of is told before the end.
    if (state !== 'running') events.push(...run);
    return events;
  }

  private stageEvents(status: StageStatus, newest: MetricPoint | undefined, now: number): RunEvent[] {
    const { stage, call, pool, state, attempts, failure, progress } = status;
    const key = `${stage}/${call}`;
    const began = status.startedAt ?? status.scheduledAt;
    const elapsedMs = (status.closedAt?.getTime() ?? now) - began.getTime();
    const events: RunEvent[] = [];
    if (this.isNews(key, `${state} ${attempts}`))
      events.push({
        type: 'stage',
        stage,
        call,
        pool,
        state,
        attempt: attempts,
        elapsedMs,
        ...(failure !== undefined && { failure }),
      });
    if (
      state === 'running' &&
      // A first heartbeat has nothing to tell yet.
      progress?.done &&
      this.isDueNews(`${key} progress`, JSON.stringify(progress), now)
    )
      events.push({
        type: 'progress',
        stage,
        call,
        done: progress.done,
        total: progress.total,
        unit: progress.unit,
        note: progress.note,
      });
    const point = [`${key} metrics`, String(newest?.step)] as const;
    if (newest && (state === 'running' ? this.isDueNews(...point, now) : this.isNews(...point)))
      events.push({ type: 'metrics', stage, call, step: newest.step, values: newest.values });
    return events;
  }

  private isNews(key: string, value: string): boolean {
    const changed = this.told.get(key) !== value;
    this.told.set(key, value);
    return changed;
  }

  /** News that comes too soon stays news: the last of it is told in the end. */
  private isDueNews(key: string, value: string, now: number): boolean {
    if (now < (this.quietUntil.get(key) ?? 0) || !this.isNews(key, value)) return false;
    this.quietUntil.set(key, now + this.quietMs);
    return true;
  }
}

/** An event as a line for people. */
export function plainLine(event: RunEvent): string {
  switch (event.type) {
    case 'run':
      return `${event.pipeline} ${event.workflowId}: ${event.state}`;
    case 'stage': {
      const attempt = event.attempt > 1 ? `, attempt ${event.attempt}` : '';
      const time = event.state === 'waiting' ? '' : ` (${duration(event.elapsedMs)})`;
      return `${event.stage} on ${event.pool}: ${event.state}${attempt}${time}${event.failure === undefined ? '' : `: ${event.failure}`}`;
    }
    case 'progress':
      return `${event.stage}: ${quantity(event.done)}${event.total === undefined ? '' : ` of ${quantity(event.total)}`} ${event.unit}${event.note === undefined ? '' : `, ${event.note}`}`;
    case 'metrics':
      return `${event.stage}: step ${quantity(event.step)}, ${Object.entries(event.values)
        .map(([name, value]) => `${name} ${value.toPrecision(4)}`)
        .join(', ')}`;
    case 'approval':
      return `waits for the approval "${event.name}" until ${event.expiresAt}: ${JSON.stringify(event.evidence)}`;
    case 'note':
      return event.note;
  }
}
