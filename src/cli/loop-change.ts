/** `trainyard loop pause`, `resume` and `trigger`. @module */
import { Command, InvalidArgumentError } from 'commander';
import { changeLoop, type LoopChangeFlags, withLoopChangeFlags } from './loop-session.js';

/** No round begins until it is resumed. */
export function loopPauseCommand(): Command {
  return withLoopChangeFlags(new Command('pause'))
    .description('let no round begin until the loop is resumed; one that goes on is not disturbed')
    .argument('<loop>')
    .addHelpText('after', '\nExample:\n  trainyard loop pause churnRetraining --reason "a freeze until Monday"')
    .action(async (name: string, flags: LoopChangeFlags) => {
      await changeLoop(name, flags, (loops, options) => loops.pause(name, options));
    });
}

/** Rounds begin again. */
export function loopResumeCommand(): Command {
  return withLoopChangeFlags(new Command('resume'))
    .description('let rounds begin again')
    .argument('<loop>')
    .addHelpText('after', '\nExample:\n  trainyard loop resume churnRetraining --reason "the freeze is over"')
    .action(async (name: string, flags: LoopChangeFlags) => {
      await changeLoop(name, flags, (loops, options) => loops.resume(name, options));
    });
}

/** Asks for a training. */
export function loopTriggerCommand(): Command {
  return withLoopChangeFlags(new Command('trigger'))
    .description('ask for a training: neither debounced nor cooled down, but within the budget')
    .argument('<loop>')
    .option('--as-of <time>', 'until when there are labelled rows, ISO 8601; default: now', isoTime)
    .addHelpText('after', '\nExample:\n  trainyard loop trigger churnRetraining --reason "a new fare system"')
    .action(async (name: string, flags: LoopChangeFlags & { readonly asOf?: string }) => {
      const { asOf } = flags;
      await changeLoop(name, flags, (loops, options) => loops.trigger(name, { ...(asOf && { asOf }) }, options));
    });
}

function isoTime(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('not a time.');
  return new Date(ms).toISOString();
}
