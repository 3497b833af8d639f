/** `trainyard schedule verify`: the calendar against what ran. @module */
import type { Command } from 'commander';
import type { Verification } from '../client/verify-schedule.js';
import { scheduleVerb, tell, withSchedule } from './schedule-options.js';
import type { ProjectFlags } from './session.js';
import { timeOf, timeWords } from './times.js';

interface VerifyFlags extends ProjectFlags {
  readonly from?: string;
  readonly to?: string;
  readonly timeZone?: string;
  readonly json?: boolean;
}

/** So many slices of a kind are named; `--json` names all. */
const shown = 20;

/** Ends with 1 where slices are missing or have run twice. */
export function verifyCommand(): Command {
  return scheduleVerb('verify', 'compare the calendar with what ran', 'nightly --from 2026-01-01 --to now')
    .option('--from <time>', 'not included; default: when the calendar became what it is')
    .option('--to <time>', 'included; default: now')
    .option('--time-zone <zone>', "of times without one; default: the schedule's")
    .action(async (name: string, flags: VerifyFlags) => {
      await withSchedule(name, flags, async (schedule) => {
        const zone = flags.timeZone ?? (await schedule.status()).terms.calendar.timeZone;
        const found = await schedule.verify({
          ...(flags.from !== undefined && { from: timeOf(flags.from, zone) }),
          ...(flags.to !== undefined && { to: timeOf(flags.to, zone) }),
        });
        tell(flags, found, report(found, zone));
        process.exitCode = found.missing.length + found.double.length > 0 ? 1 : 0;
      });
    });
}

function report(found: Verification, zone: string): string {
  const { schedule, from, to, expected, succeeded, skipped, doublesSince } = found;
  const lists = (['missing', 'double', 'failed', 'running', 'waiting', 'beside'] as const).flatMap((kind) => {
    const slices = found[kind];
    const more = slices.length > shown ? [`  ${kind.padEnd(8)} and ${slices.length - shown} more: --json`] : [];
    return [...slices.slice(0, shown).map((slice) => `  ${kind.padEnd(8)} ${timeWords(slice, zone)}`), ...more];
  });
  const passed = skipped > 0 ? `, ${skipped} passed over` : '';
  return [
    `${schedule}, after ${from}, up to ${to}: ${expected} slices, ${succeeded} succeeded${passed}; ${found.missing.length} missing, ${found.double.length} double`,
    ...lists,
    ...(doublesSince > from
      ? [`  doubles are seen since ${doublesSince}: Temporal keeps no runs that ended before`]
      : []),
  ].join('\n');
}
