/** `trainyard loop`: retraining loops. Reading needs the store alone; changing needs a pipelines worker. @module */
import { Command } from 'commander';
import { loopPauseCommand, loopResumeCommand, loopTriggerCommand } from './loop-change.js';
import { loopExplainCommand, loopLsCommand, loopShowCommand } from './loop-show.js';

/** The command with its verbs: first those that read, then those that change. */
export function loopCommand(): Command {
  const loop = new Command('loop').description('retraining loops: what they do, and why they did it');
  for (const command of [
    loopLsCommand(),
    loopShowCommand(),
    loopExplainCommand(),
    loopTriggerCommand(),
    loopPauseCommand(),
    loopResumeCommand(),
  ])
    loop.addCommand(command);
  return loop.addHelpText('after', '\nExample:\n  trainyard loop explain churnRetraining 12');
}
