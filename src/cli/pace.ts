/** How fast each stage call gets on, from the newest of its progress reports: the start of a process or a phase before them does not count. @module */
import type { StageStatus } from '../client/run-status.js';

interface Report {
  readonly done: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface Reports {
  readonly phase: string;
  /** When nothing was done yet, where that is known. */
  readonly start: Report | undefined;
  readonly newest: Report[];
}

/** What a view shows of it. */
export interface Speed {
  /** Units a second. */
  readonly rate: number;
  /** Milliseconds to the total at this rate, counted from now; undefined without a total. */
  readonly leftMs: number | undefined;
}

/** Reports that a rate is computed from; they come about once a second. */
const window = 10;

/** Remembers the reports of a run's stages. */
export class Paces {
  private readonly calls = new Map<string, Reports>();

  /** The speed of a stage as it is now; undefined until it is known. @param now milliseconds since the epoch. */
  of(stage: StageStatus, now: number): Speed | undefined {
    const { progress } = stage;
    if (!progress?.done) return undefined;
    const { start, newest } = this.reports(stage, `${stage.attempts} ${progress.unit} ${progress.total ?? ''}`);
    if (newest.at(-1)?.done !== progress.done) newest.push({ done: progress.done, at: now });
    if (newest.length > window) newest.shift();
    const last = newest.at(-1);
    const from = newest.length > 1 ? newest[0] : start;
    if (last === undefined || from === undefined || last.at <= from.at) return undefined;
    const rate = ((last.done - from.done) / (last.at - from.at)) * 1_000;
    if (rate <= 0) return undefined;
    const { total } = progress;
    const leftMs =
      total === undefined ? undefined : Math.max(0, ((total - last.done) / rate) * 1_000 - (now - last.at));
    return { rate, leftMs };
  }

  /** Reports of one attempt in one unit to one total are comparable; others begin anew. */
  private reports({ stage, call, startedAt, attempts }: StageStatus, phase: string): Reports {
    const key = `${stage}/${call}`;
    const known = this.calls.get(key);
    if (known?.phase === phase) return known;
    // Another attempt begins with what the one before has done, another phase at a time that nobody told.
    const start = known || attempts > 1 || !startedAt ? undefined : { done: 0, at: startedAt.getTime() };
    const begun = { phase, start, newest: [] };
    this.calls.set(key, begun);
    return begun;
  }
}
