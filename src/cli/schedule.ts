/** `trainyard schedule`: what runs when, and whether it did. @module */
import { Command } from 'commander';
import { scheduleCreateCommand, scheduleDeleteCommand, scheduleUpdateCommand } from './schedule-define.js';
import { backfillCommand, pauseCommand, resumeCommand, triggerCommand } from './schedule-ask.js';
import { scheduleLsCommand, scheduleShowCommand } from './schedule-show.js';
import { verifyCommand } from './schedule-verify.js';

/** The command with its verbs. */
export function scheduleCommand(): Command {
  const verbs = [
    scheduleCreateCommand(),
    scheduleUpdateCommand(),
    scheduleLsCommand(),
    scheduleShowCommand(),
    pauseCommand(),
    resumeCommand(),
    triggerCommand(),
    backfillCommand(),
    verifyCommand(),
    scheduleDeleteCommand(),
  ];
  const command = new Command('schedule')
    .description('schedules: each slice of a calendar gets exactly one successful run')
    .addHelpText('after', '\nExample:\n  trainyard schedule create nightly --reason "first release"');
  for (const verb of verbs) command.addCommand(verb);
  return command;
}
