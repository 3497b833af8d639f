/** `trainyard loop pause`, `resume` and `trigger`. @module */
import { Command } from 'commander';
import { type ChangeFlags, withChangeFlags } from './change-flags.js';
import { changeLoop } from './loop-session.js';
import { instant } from './times.js';

/** No round begins until it is resumed. */
export function loopPauseCommand(): Command {
  return withChangeFlags(new Command('pause'))
    .description('let no round begin until the loop is resumed; one that goes on is not disturbed')
    .argument('<loop>')
    .addHelpText('after', '\nExample:\n  trainyard loop pause churnRetraining --reason "a freeze until Monday"')
    .action(async (name: string, flags: ChangeFlags) => {
      await changeLoop(name, flags, (loops, options) => loops.pause(name, options));
    });
}

/** Rounds begin again. */
export function loopResumeCommand(): Command {
  return withChangeFlags(new Command('resume'))
    .description('let rounds begin again')
    .argument('<loop>')
    .addHelpText('after', '\nExample:\n  trainyard loop resume churnRetraining --reason "the freeze is over"')
    .action(async (name: string, flags: ChangeFlags) => {
      await changeLoop(name, flags, (loops, options) => loops.resume(name, options));
    });
}

/** Asks for a training. */
export function loopTriggerCommand(): Command {
  return withChangeFlags(new Command('trigger'))
    .description('ask for a training: neither debounced nor cooled down, but within the budget')
    .argument('<loop>')
    .option('--as-of <time>', 'until when there are labelled rows, ISO 8601 with its zone; default: now', instant)
    .addHelpText('after', '\nExample:\n  trainyard loop trigger churnRetraining --reason "a new fare system"')
    .action(async (name: string, flags: ChangeFlags & { readonly asOf?: string }) => {
      const { asOf } = flags;
      await changeLoop(name, flags, (loops, options) => loops.trigger(name, { ...(asOf && { asOf }) }, options));
    });
}
