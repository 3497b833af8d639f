/** Flags of commands that read what entities publish, and of those that ask them for a change. @module */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { ChangeOptions } from '../client/change-entity.js';
import { type ProjectFlags, withProjectFlags } from './session.js';

/** Options of each command that reads. */
export interface ReadFlags extends ProjectFlags {
  readonly json?: boolean;
}

/** Adds {@link ReadFlags}. */
export function withReadFlags(command: Command): Command {
  return withProjectFlags(command).option('--json', 'JSON on stdout');
}

/** Options of each command that changes. */
export interface ChangeFlags extends ReadFlags {
  readonly reason: string;
  readonly by?: string;
  readonly requestId?: string;
  readonly decision?: string;
}

/** Adds {@link ChangeFlags}, `--decision` aside. */
export function withChangeFlags(command: Command): Command {
  return withReadFlags(command)
    .requiredOption('--reason <text>', 'kept with the change')
    .option('--by <name>', 'who asks; default: the user of this machine')
    .option('--request-id <id>', 'the same id twice is one change');
}

/** Adds all of {@link ChangeFlags}. */
export function withDecidedChangeFlags(command: Command): Command {
  return withChangeFlags(command).option(
    '--decision <binding>',
    'the decision that allows it, where the project asks for one',
  );
}

/** Who asks, and why. */
export function changeOptions(flags: ChangeFlags): ChangeOptions {
  const { by = userInfo().username, reason, requestId, decision } = flags;
  return { by, reason, ...(requestId !== undefined && { requestId }), ...(decision !== undefined && { decision }) };
}
