/** `trainyard schedule ls` and `show`. @module */
import { Command } from 'commander';
import type { ScheduleStatus } from '../client/schedule-status.js';
import type { ClockTimes } from '../contracts/calendar.js';
import { TrainyardError } from '../contracts/errors.js';
import { age, duration } from './figures.js';
import { scheduleVerb, tell, withSchedule } from './schedule-options.js';
import { type ProjectFlags, withProjectFlags, withSession } from './session.js';
import { timeWords } from './times.js';

type ShowFlags = ProjectFlags & { readonly json?: boolean };

/** `ls`: all of the project. */
export function scheduleLsCommand(): Command {
  return withProjectFlags(new Command('ls'))
    .description("list the project's schedules")
    .option('--json', 'JSON lines on stdout')
    .addHelpText('after', '\nExample:\n  trainyard schedule ls')
    .action(async (flags: ShowFlags) => {
      await withSession(flags, async ({ pipelines }) => {
        const names: string[] = [];
        for await (const name of pipelines.schedules()) names.push(name);
        for (const name of names.sort()) {
          const status = await pipelines.scheduleOf(name).status().catch(unlessGone);
          if (status) tell(flags, status, line(status));
        }
        if (names.length === 0 && !flags.json) tell(flags, {}, 'no schedules yet: trainyard schedule create');
      });
    });
}

/** `show`: one of them. */
export function scheduleShowCommand(): Command {
  return scheduleVerb('show', 'show a schedule: its times, what runs, what failed', 'nightly').action(
    async (name: string, flags: ShowFlags) => {
      await withSchedule(name, flags, async (schedule) => {
        const status = await schedule.status();
        tell(flags, status, [line(status), ...details(status)].join('\n'));
      });
    },
  );
}

function line({ name, terms, board, paused, next }: ScheduleStatus): string {
  const state = paused ? 'paused' : 'active';
  const counts = `${board?.succeeded ?? 0} succeeded, ${board?.failed ?? 0} failed, ${board?.open.length ?? 0} running`;
  return `${name.padEnd(20)} ${state}  ${terms.pipeline}  ${counts}  next ${next[0] ?? 'never'}`;
}

function details(status: ScheduleStatus): string[] {
  const { terms, board, paused, backfills, wanted, next, begins } = status;
  const { calendar, concurrency, order, overlap, catchUpMs, jitterMs, pauseOnFailure, budget } = terms;
  const zone = calendar.timeZone;
  const times = [
    ...calendar.times.map(cronOf),
    ...calendar.intervals.map(({ everyMs, offsetMs }) => `every ${duration(everyMs)} + ${duration(offsetMs)}`),
  ];
  return [
    `times      ${times.join('; ')} (${zone})${calendar.skip.length > 0 ? `, but not ${calendar.skip.map(cronOf).join('; ')}` : ''}`,
    `terms      ${concurrency} at a time, order ${order}, overlap ${overlap}, catch-up ${age(catchUpMs)}, jitter ${duration(jitterMs)}, ${pauseOnFailure ? 'pauses' : 'goes on'} after a failure`,
    ...(budget ? [`budget     ${JSON.stringify(budget)}`] : []),
    `begins     after ${timeWords(begins, zone)}`,
    `through    ${board ? timeWords(board.through, zone) : 'its entity has not said yet'}`,
    ...(paused ? [`paused     since ${paused.at}: ${paused.reason}`] : []),
    ...(board?.open ?? []).map((slice) => `running    ${timeWords(slice, zone)}`),
    ...(board?.lastFailed ?? []).map((slice) => `failed     ${timeWords(slice, zone)}`),
    ...wanted.map(({ at }) => `asked for  ${timeWords(at, zone)}`),
    ...backfills.map(({ id, from, to }) => {
      const through = board?.backfills.find((one) => one.id === id)?.through ?? from;
      return `backfill   from ${from} to ${to}, through ${through}`;
    }),
    ...next.map((slice) => `next       ${timeWords(slice, zone)}`),
  ];
}

/** As in cron, with seconds in front and a year behind where they say something. */
function cronOf({
  second,
  minute = 0,
  hour = 0,
  dayOfMonth = '*',
  month = '*',
  dayOfWeek = '*',
  year,
}: ClockTimes): string {
  return [second, minute, hour, dayOfMonth, month, dayOfWeek, year].filter((field) => field !== undefined).join(' ');
}

/** It was deleted while the list was read. */
function unlessGone(error: unknown): undefined {
  if (!(error instanceof TrainyardError && error.code === 'TY2405')) throw error;
}
