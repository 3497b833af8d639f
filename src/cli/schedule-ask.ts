/** `trainyard schedule pause`, `resume`, `trigger` and `backfill`. @module */
import type { Command } from 'commander';
import { type ChangeFlags, changeOptions, changingVerb, tell, withSchedule } from './schedule-options.js';
import { timeOf, timeWords } from './times.js';

/** `pause`: nothing more begins. */
export function pauseCommand(): Command {
  return changingVerb('pause', 'let nothing more begin; what runs goes on', 'nightly').action(
    async (name: string, flags: ChangeFlags) => {
      await withSchedule(name, flags, async (schedule) => {
        await schedule.pause(changeOptions(flags));
        tell(flags, { schedule: name, paused: true }, `paused ${name}`);
      });
    },
  );
}

/** `resume`: what came due meanwhile is run, unless told otherwise. */
export function resumeCommand(): Command {
  return changingVerb('resume', 'go on; what came due in the pause is run', 'nightly')
    .option('--skip', 'pass over what came due in the pause')
    .action(async (name: string, flags: ChangeFlags & { readonly skip?: boolean }) => {
      await withSchedule(name, flags, async (schedule) => {
        await schedule.resume({ ...changeOptions(flags), skip: flags.skip ?? false });
        tell(flags, { schedule: name, paused: false }, `resumed ${name}`);
      });
    });
}

interface TriggerFlags extends ChangeFlags {
  readonly slice?: string;
  readonly timeZone?: string;
}

/** `trigger`: one slice now. */
export function triggerCommand(): Command {
  return changingVerb('trigger', 'run one slice now, again if it failed', 'nightly --slice 2026-03-29T00:30Z')
    .option('--slice <time>', 'a time of the calendar; default: a slice that ends now')
    .option('--time-zone <zone>', "of times without one; default: the schedule's")
    .action(async (name: string, flags: TriggerFlags) => {
      await withSchedule(name, flags, async (schedule) => {
        const zone = flags.timeZone ?? (await schedule.status()).terms.calendar.timeZone;
        const wanted = flags.slice === undefined ? {} : { slice: timeOf(flags.slice, zone) };
        const { slice, succeeded } = await schedule.trigger({ ...changeOptions(flags), ...wanted });
        const words = succeeded === undefined ? 'asked for' : `run ${succeeded} has succeeded already with`;
        tell(flags, { schedule: name, slice, succeeded }, `${words} slice ${timeWords(slice, zone)}`);
      });
    });
}

interface BackfillFlags extends ChangeFlags {
  readonly from: string;
  readonly to: string;
  readonly failed?: boolean;
  readonly timeZone?: string;
}

/** `backfill`: a span of the past. */
export function backfillCommand(): Command {
  return changingVerb(
    'backfill',
    'run the slices of a span that have not run',
    'nightly --from 2026-01-01 --to 2026-03-01',
  )
    .requiredOption('--from <time>', 'where the span begins, not included')
    .requiredOption('--to <time>', 'where it ends, included')
    .option('--failed', 'run those that failed again, too')
    .option('--time-zone <zone>', "of times without one; default: the schedule's")
    .action(async (name: string, flags: BackfillFlags) => {
      await withSchedule(name, flags, async (schedule) => {
        const zone = flags.timeZone ?? (await schedule.status()).terms.calendar.timeZone;
        const span = { from: timeOf(flags.from, zone), to: timeOf(flags.to, zone), failed: flags.failed ?? false };
        const { id, slices } = await schedule.backfill(span, changeOptions(flags));
        const [from, to] = [span.from, span.to].map((time) => time.toISOString());
        const words = `backfills ${name}: ${slices} slices of the calendar after ${from ?? ''}, up to ${to ?? ''}`;
        tell(flags, { schedule: name, backfill: id, from, to, slices }, words);
      });
    });
}
