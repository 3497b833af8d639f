/** What the commands of loops share: a reader without an engine, loops with one, and words. @module */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { Loops } from '../client/loops.js';
import type { ChangeOptions } from '../client/change-entity.js';
import { loadProject } from '../config/load-project.js';
import { nextRound } from '../contracts/loop-clock.js';
import type { LoopAnswer, LoopState } from '../contracts/loop-state.js';
import { trustedKeys } from '../records/signing.js';
import { duration } from './figures.js';
import { type ProjectFlags, withProjectFlags, withSession } from './session.js';
import { openProjectStore } from './store-session.js';

/** Options of each command that reads. */
export interface LoopFlags extends ProjectFlags {
  readonly json?: boolean;
}

/** Adds {@link LoopFlags}. */
export function withLoopFlags(command: Command): Command {
  return withProjectFlags(command).option('--json', 'JSON on stdout');
}

/** Options of each command that changes. */
export interface LoopChangeFlags extends LoopFlags {
  readonly reason: string;
  readonly by?: string;
  readonly requestId?: string;
}

/** Adds {@link LoopChangeFlags}. */
export function withLoopChangeFlags(command: Command): Command {
  return withLoopFlags(command)
    .requiredOption('--reason <text>', 'kept with the change')
    .option('--by <name>', 'who asks; default: the user of this machine')
    .option('--request-id <id>', 'the same id twice is one change');
}

/** A reader of the project's loops: no engine, no worker. */
export async function openLoops(flags: ProjectFlags): Promise<Loops> {
  const { project, folder } = await loadProject({ folder: flags.project, environment: flags.env });
  return new Loops({ project: project.name, store: await openProjectStore(flags), trusted: trustedKeys(folder) });
}

/** Asks for a change and writes what comes of it. */
export async function changeLoop(
  name: string,
  flags: LoopChangeFlags,
  change: (loops: Loops, options: ChangeOptions) => Promise<LoopAnswer>,
): Promise<void> {
  const { by = userInfo().username, reason, requestId } = flags;
  await withSession(flags, async ({ client, project, store }) => {
    const loops = new Loops({ project: project.project.name, store, client });
    const answer = await change(loops, { by, reason, ...(requestId !== undefined && { requestId }) });
    process.stdout.write(`${flags.json ? JSON.stringify({ loop: name, ...answer }) : `${name}: ${answer.note}`}\n`);
  });
}

/** What a loop does now: `trains (round 12)`, `waits: cool-down, 3 m 20 s`. */
export function standingOf(state: LoopState, now = Date.now()): string {
  const { running, paused } = state;
  const round = running && `${running.purpose === 'train' ? 'trains' : 'watches'} (round ${running.round})`;
  if (paused !== null) return `${round ? `${round}, ` : ''}paused: ${paused.why}`;
  if (round !== null) return round;
  const next = nextRound(state, now);
  if (next === undefined) return 'waits for a reason';
  return next.at <= now ? 'due' : `waits: ${next.because ?? ''}, ${duration(next.at - now)}`;
}
