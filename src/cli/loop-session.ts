/** What the commands of loops share: a reader without an engine, loops with one, and words. @module */
import { Loops } from '../client/loops.js';
import type { ChangeOptions } from '../client/change-entity.js';
import { nextRound } from '../contracts/loop-clock.js';
import type { LoopAnswer, LoopState } from '../contracts/loop-state.js';
import { type ChangeFlags, changeOptions } from './change-flags.js';
import { duration } from './figures.js';
import { type ProjectFlags, withSession } from './session.js';
import { openHeads } from './store-session.js';

/** A reader of the project's loops: no engine, no worker. */
export async function openLoops(flags: ProjectFlags): Promise<Loops> {
  return new Loops(await openHeads(flags));
}

/** Asks for a change and writes what comes of it. */
export async function changeLoop(
  name: string,
  flags: ChangeFlags,
  change: (loops: Loops, options: ChangeOptions) => Promise<LoopAnswer>,
): Promise<void> {
  await withSession(flags, async ({ client, project, store }) => {
    const loops = new Loops({ project: project.project.name, store, client });
    const answer = await change(loops, changeOptions(flags));
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
