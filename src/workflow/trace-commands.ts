/** Tells where each command of a workflow is made: an interceptor module of the bundle that `trainyard check` replays, and of no other. @module */
import { proxySinks, type Sinks, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes.js';
import { type TracedActivation, type TracedCommand, traceSink } from '../contracts/command-trace.js';
import { toldCommand } from './told-command.js';

interface TraceSinks extends Sinks {
  readonly [traceSink]: { activation(trace: TracedActivation): void };
}

/** Frames of a command: the user's are among the first. */
const maxFrames = 12;

/** Registered after the interceptors of every bundle: it sees what they make of a call. */
export const interceptors: WorkflowInterceptorsFactory = () => {
  const sinks = proxySinks<TraceSinks>();
  const stacks = new WeakMap<object, readonly string[]>();
  const activator = getActivator();
  // All commands go through here; the outbound interceptors do not see patches, memos and the end of a run.
  const push = activator.pushCommand.bind(activator);
  activator.pushCommand = (command, complete) => {
    stacks.set(command, userFrames(new Error().stack ?? ''));
    push(command, complete);
  };
  return {
    internals: [
      {
        concludeActivation(input, next) {
          const output = next(input);
          const commands = output.commands.flatMap((command): TracedCommand[] => {
            const told = toldCommand(command);
            return told ? [{ ...told, stack: stacks.get(command) ?? [] }] : [];
          });
          sinks[traceSink].activation({ commands, waitsAt: commands.length > 0 ? [] : waitingStack() });
          return output;
        },
      },
    ],
  };
};

/** What Temporal's own query of that name tells: the stacks of all promises that nothing has settled. */
function waitingStack(): string[] {
  const query = getActivator().queryHandlers.get('__stack_trace');
  const { payload } = query?.handler() as { payload?: { data?: Uint8Array } };
  const text: unknown = payload?.data && JSON.parse(new TextDecoder().decode(payload.data));
  return userFrames(typeof text === 'string' ? text : '');
}

function userFrames(stack: string): string[] {
  const frames = stack.split('\n').filter((line) => line.startsWith('    at ') && !line.includes('/@temporalio/'));
  return frames.slice(0, maxFrames);
}
