/** `trainyard monitor`: monitors of deployments. Reading needs the store alone; changing needs a pipelines worker. @module */
import { Command } from 'commander';
import { monitorLookCommand, monitorPauseCommand, monitorResumeCommand } from './monitor-change.js';
import { monitorHistoryCommand, monitorLsCommand, monitorShowCommand } from './monitor-show.js';

/** The command with its verbs: first those that read, then those that change. */
export function monitorCommand(): Command {
  const monitor = new Command('monitor').description('monitors of deployments: what they found, and what fires');
  for (const command of [
    monitorLsCommand(),
    monitorShowCommand(),
    monitorHistoryCommand(),
    monitorLookCommand(),
    monitorPauseCommand(),
    monitorResumeCommand(),
  ])
    monitor.addCommand(command);
  return monitor.addHelpText('after', '\nExample:\n  trainyard monitor show churnMonitor');
}
