/** Options that the verbs of `trainyard schedule` share. @module */
import { userInfo } from 'node:os';
import { Command } from 'commander';
import type { ChangeOptions } from '../client/change-entity.js';
import type { Schedule } from '../client/schedule.js';
import { type ProjectFlags, type Session, withProjectFlags, withSession } from './session.js';

/** Who changes a schedule, and why. */
export interface ChangeFlags extends ProjectFlags {
  readonly by?: string;
  readonly reason: string;
  readonly json?: boolean;
}

/** A verb on a schedule, with what every verb has. */
export function scheduleVerb(verb: string, description: string, example: string): Command {
  return withProjectFlags(new Command(verb))
    .description(description)
    .argument('<schedule>', 'name of the schedule')
    .option('--json', 'JSON on stdout')
    .addHelpText('after', `\nExample:\n  trainyard schedule ${verb} ${example}`);
}

/** A verb that changes a schedule. */
export function changingVerb(verb: string, description: string, example: string): Command {
  return scheduleVerb(verb, description, `${example} --reason "…"`)
    .requiredOption('--reason <text>', 'kept in the record')
    .option('--by <name>', 'who asks; default: the user of this machine');
}

/** Who asks, from the flags. */
export function changeOptions({ by = userInfo().username, reason }: ChangeFlags): ChangeOptions {
  return { by, reason };
}

/** Runs `work` on a schedule. */
export function withSchedule(
  name: string,
  flags: ProjectFlags,
  work: (schedule: Schedule, session: Session) => Promise<void>,
): Promise<void> {
  return withSession(flags, (session) => work(session.pipelines.scheduleOf(name), session));
}

/** One line: JSON, or words. */
export function tell({ json }: { readonly json?: boolean }, event: object, words: string): void {
  process.stdout.write(`${json ? JSON.stringify(event) : words}\n`);
}
