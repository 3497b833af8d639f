/** One schedule: made, changed, asked for slices, looked at. @module */
import { randomUUID } from 'node:crypto';
import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store.js';
import type { BudgetRaise } from '../contracts/budget.js';
import { calendarTimes, isTime } from '../contracts/calendar-times.js';
import type { ScheduleDefinition } from '../contracts/define-schedule.js';
import { TrainyardError } from '../contracts/errors.js';
import { entityWorkflowId, scheduleIdOf, sliceId, sliceRunId } from '../contracts/names.js';
import { type ScheduleTerms, type SlicesChange, tickSignal } from '../contracts/slices.js';
import { slicesEntity } from '../contracts/slices-entity.js';
import { latestEntityHead } from '../records/entity-heads.js';
import { readSlice } from '../records/slices.js';
import { changeEntity, type ChangeOptions } from './change-entity.js';
import { raiseIfOpen } from './raise-budget.js';
import { type ScheduleStatus, scheduleStatus } from './schedule-status.js';
import { hasTicks, tickSchedule } from './temporal-schedule.js';
import { type Verification, verifySchedule } from './verify-schedule.js';

/** Where schedules live. */
export interface ScheduleHost {
  readonly client: Client;
  /** The project's name. */
  readonly project: string;
  readonly store: ArtifactStore;
}

/**
 * A schedule by its name. Changes need a running pipelines worker and throw TY1914 without one; looking needs none.
 * @example
 * const schedule = await pipelines.schedule(nightly, { by: 'ana', reason: 'first release' });
 * await schedule.backfill({ from: new Date('2026-01-01'), to: new Date() }, { by: 'ana', reason: 'history' });
 */
export class Schedule {
  constructor(
    private readonly host: ScheduleHost,
    readonly name: string,
  ) {}

  /** Makes it: its slices begin with the calendar's next time. Throws TY2406 where there is one of that name. */
  async create({ terms }: ScheduleDefinition, options: ChangeOptions): Promise<void> {
    const { client, project } = this.host;
    try {
      await this.#change({ do: 'define', terms, isNew: true }, options);
    } catch (error) {
      // Whoever made it died before its ticks were there: they are made now.
      const isHalf = error instanceof TrainyardError && error.code === 'TY2406';
      if (!isHalf || (await hasTicks(client, project, this.name))) throw error;
      await this.#change({ do: 'define', terms, isNew: false }, options);
    }
    await client.schedule.create(tickSchedule(project, this.name, terms));
  }

  /**
   * Takes over what the definition says now: slices that were not started yet come by its calendar. What people allowed beyond its budget stays allowed.
   * @param options.resetsBudget the budget is the definition's again. @default false
   * @returns the terms that hold
   */
  async update(
    { terms }: ScheduleDefinition,
    { resetsBudget = false, ...options }: ChangeOptions & { readonly resetsBudget?: boolean },
  ): Promise<ScheduleTerms> {
    const { client, project } = this.host;
    await this.#change({ do: 'define', terms, isNew: false, ...(resetsBudget && { resetsBudget }) }, options);
    const ticks = tickSchedule(project, this.name, terms);
    const { spec, action, policies } = ticks;
    if (await hasTicks(client, project, this.name))
      await this.#ticks().update(({ state }) => ({ spec, action, policies, state }));
    else await client.schedule.create(ticks);
    return (await this.status()).terms;
  }

  /** Nothing begins any more, slices that were asked for by name excepted. What runs goes on. */
  async pause(options: ChangeOptions): Promise<void> {
    await this.#change({ do: 'pause', reason: options.reason }, options);
    await this.#ticks().pause(options.reason);
  }

  /** Goes on: what came due meanwhile is run, or with `skip` passed over. A slice whose failure paused it stays failed. */
  async resume(options: ChangeOptions & { readonly skip?: boolean }): Promise<void> {
    const { skip = false } = options;
    await this.#change({ do: 'resume', skip }, options);
    await this.#ticks().unpause(options.reason);
    // The ticks of the pause never come; this one says that their time has.
    if (!skip) await this.#announceNow();
  }

  /**
   * Runs one slice now, again if it failed; gives the run id of the run that has succeeded already, if there is one.
   * @param slice a time of the calendar; without one, a slice from the calendar's last time to this moment
   */
  async trigger(options: ChangeOptions & { readonly slice?: Date }): Promise<{ slice: string; succeeded?: string }> {
    const { store } = this.host;
    const { terms } = await this.status();
    const at = Math.floor((options.slice ?? new Date()).getTime() / 1_000) * 1_000;
    const slice = sliceId(at);
    if (options.slice && !isTime(terms.calendar, at))
      throw new TrainyardError('TY2407', `${slice} is no time of schedule ${this.name}`);
    const done = (await readSlice(store, this.name, slice)).find(({ outcome }) => outcome === 'succeeded');
    if (done?.runId != null) return { slice, succeeded: done.runId };
    await this.#change({ do: 'want', at: slice, rerun: true }, options);
    return { slice };
  }

  /**
   * Runs all slices of a span that have not run, beside those that come due; those that failed only if `failed` says so. What has succeeded is left alone.
   * @param span after `from`, up to `to`, which is no time to come
   * @returns its id, and how many slices the calendar has there
   */
  async backfill(
    span: { readonly from: Date; readonly to: Date; readonly failed?: boolean },
    options: ChangeOptions,
  ): Promise<{ readonly id: string; readonly slices: number }> {
    const { from, to, failed = false } = span;
    const { terms } = await this.status();
    if (to.getTime() > Date.now())
      throw new TrainyardError('TY2407', `the span to ${to.toISOString()} has not passed yet`);
    const id = options.requestId ?? randomUUID();
    const change = { do: 'backfill', id, from: from.toISOString(), to: to.toISOString(), rerun: failed } as const;
    await this.#change(change, { ...options, requestId: id });
    return { id, slices: [...calendarTimes(terms.calendar, from.getTime(), to.getTime())].length };
  }

  /** Allows all its runs together to spend more, those that run included; gives their workflow ids. Throws TY1912 where that is no raise. */
  async raiseBudget({ by, reason, ...limits }: BudgetRaise): Promise<string[]> {
    const { client, project } = this.host;
    await this.#change({ do: 'raise', limits }, { by, reason });
    const raised: string[] = [];
    for (const slice of (await this.status()).board?.open ?? []) {
      const run = client.workflow.getHandle(sliceRunId(project, this.name, slice));
      if (await raiseIfOpen(client, run, { by, reason, ...limits })) raised.push(run.workflowId);
    }
    return raised;
  }

  /** Ends it; what runs goes on, and its records stay. */
  async delete(options: ChangeOptions): Promise<void> {
    const { client, project } = this.host;
    await this.#change({ do: 'delete' }, options);
    try {
      await this.#ticks().delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
    const entity = client.workflow.getHandle(entityWorkflowId(project, slicesEntity.kind, this.name));
    await entity.terminate(`the schedule was deleted by ${options.by}: ${options.reason}`);
  }

  /** How it stands. Throws TY2405 where there is none. */
  status(): Promise<ScheduleStatus> {
    return scheduleStatus(this.host, this.name);
  }

  /** Whether there is such a schedule, of ours. */
  async exists(): Promise<boolean> {
    const head = await latestEntityHead(this.host, slicesEntity, this.name);
    return head?.state.terms != null;
  }

  /**
   * Compares the calendar with what ran, in a span.
   * @param span.from not included. @default when the calendar became what it is
   * @param span.to @default now
   */
  verify(span: { readonly from?: Date; readonly to?: Date } = {}): Promise<Verification> {
    return verifySchedule(this.host, this.name, span);
  }

  #ticks() {
    return this.host.client.schedule.getHandle(scheduleIdOf(this.host.project, this.name));
  }

  async #announceNow(): Promise<void> {
    const { client, project } = this.host;
    const entity = client.workflow.getHandle(entityWorkflowId(project, slicesEntity.kind, this.name));
    await entity.signal(tickSignal, sliceId(Date.now()));
  }

  async #change(change: SlicesChange, options: ChangeOptions): Promise<void> {
    await changeEntity(this.host, slicesEntity, this.name, change, options);
  }
}
