/** `trainyard monitor ls`, `show` and `history`: from the store alone. @module */
import { Command } from 'commander';
import { type MonitorHead, Monitors } from '../client/monitors.js';
import { untilLook } from '../contracts/monitor-rules.js';
import type { MonitorState, PastLook } from '../contracts/monitor-state.js';
import { actorWords, dateOf, figure } from '../reports/words.js';
import { type ReadFlags, withReadFlags } from './change-flags.js';
import { duration } from './figures.js';
import { openHeads, write } from './store-session.js';
import { table } from './table.js';

/** All monitors, a line each. */
export function monitorLsCommand(): Command {
  return withReadFlags(new Command('ls'))
    .description('list the monitors of the project')
    .addHelpText('after', '\nExample:\n  trainyard monitor ls')
    .action(async (flags: ReadFlags) => {
      const found = await (await openMonitors(flags)).list();
      for (const { name, head } of found)
        write(flags.json ? JSON.stringify(summaryOf(name, head)) : lineOf(name, head));
      if (found.length === 0 && !flags.json) write('no monitors yet: monitors.declare(contract, …)');
    });
}

/** Where a monitor stands, what fires, and its last looks. */
export function monitorShowCommand(): Command {
  return withReadFlags(new Command('show'))
    .description('where a monitor stands, what fires, and its last looks')
    .argument('<monitor>')
    .addHelpText('after', '\nExample:\n  trainyard monitor show churnMonitor')
    .action(async (name: string, flags: ReadFlags) => {
      const head = await (await openMonitors(flags)).show(name);
      if (flags.json) {
        write(JSON.stringify({ ...summaryOf(name, head), state: head.state }));
        return;
      }
      const { policy, cursor, book, outbox, past } = head.state;
      write(lineOf(name, head));
      if (policy) {
        const loop = policy.loop === undefined ? '' : `; tells the loop ${policy.loop}`;
        write(`  endpoint   ${policy.endpoint}, every ${duration(policy.everyMs)}${loop}`);
      }
      write(`  read until ${cursor === null ? '–' : dateOf(cursor)}`);
      for (const { alert } of book)
        write(`  fires      ${alert.severity} ${alert.name} since ${dateOf(alert.startedAt)}: ${alert.summary}`);
      if (outbox.length > 0) write(`  to be sent ${outbox.map((alert) => `${alert.name} ${alert.status}`).join(', ')}`);
      const lines = past.toReversed().map((look) => [String(look.look), dateOf(look.at), ...lookWords(look)]);
      for (const line of table(lines, { right: [0] })) write(`  ${line}`);
    });
}

/** Every look, and every change by a person, oldest first. */
export function monitorHistoryCommand(): Command {
  return withReadFlags(new Command('history'))
    .description('every look of a monitor, and who changed it, oldest first')
    .argument('<monitor>')
    .addHelpText('after', '\nExample:\n  trainyard monitor history churnMonitor')
    .action(async (name: string, flags: ReadFlags) => {
      const monitors = await openMonitors(flags);
      await monitors.show(name); // says so where there is no such monitor
      for await (const head of monitors.history(name)) {
        const { kind } = head.request.change;
        // That a look began and that it was told are not worth a line.
        if (kind === 'begin' || kind === 'told') continue;
        if (flags.json) write(JSON.stringify(eventOf(name, head)));
        else for (const line of table([eventWords(head)])) write(line);
      }
    });
}

async function openMonitors(flags: ReadFlags): Promise<Monitors> {
  return new Monitors(await openHeads(flags));
}

function eventWords(head: MonitorHead): string[] {
  const { at, by, request } = head;
  const { kind } = request.change;
  const look = head.state.past.at(-1);
  if (kind !== 'end' || look === undefined)
    return [dateOf(at), kind === 'look' ? 'asked for a look' : kind, actorWords(by), request.reason];
  return [dateOf(at), `look ${look.look}`, ...lookWords(look)];
}

function eventOf(name: string, { at, by, request, generation, state }: MonitorHead) {
  const { kind } = request.change;
  const look = kind === 'end' ? state.past.at(-1) : undefined;
  return { monitor: name, generation, at, kind, by, reason: request.reason, ...(look && { look }) };
}

/** What it found, and its figures. */
function lookWords({ found, figures, failure }: PastLook): string[] {
  if (failure !== undefined) return [`failed: ${failure}`];
  const numbers = Object.entries(figures).map(([name, value]) => `${name} ${figure(value)}`);
  return [found.length === 0 ? 'clean' : found.join(', '), numbers.join(', ')];
}

function lineOf(name: string, { state }: MonitorHead): string {
  const { looks, book } = state;
  return `${name}  ${standingOf(state)}; ${looks} looks, ${book.length} firing`;
}

/** `looks (look 12)`, `next look in 20 m 03 s`, `paused: a load test`. */
function standingOf(state: MonitorState, now = Date.now()): string {
  const { paused, running } = state;
  const look = running && `looks (look ${running.look})`;
  if (paused !== null) return `${look ? `${look}, ` : ''}paused: ${paused.why}`;
  if (look !== null) return look;
  const waitMs = untilLook(state, now);
  return waitMs === undefined || waitMs === 0 ? 'a look is due' : `next look in ${duration(waitMs)}`;
}

function summaryOf(name: string, { state, at, generation }: MonitorHead) {
  const { looks, paused, running, nextAt, book, past } = state;
  const firing = book.map(({ alert: { name: alert, severity, startedAt, summary } }) => {
    return { name: alert, severity, startedAt, summary };
  });
  const standing = standingOf(state);
  const last = past.at(-1) ?? null;
  return { monitor: name, standing, generation, at, looks, paused: paused !== null, running, nextAt, firing, last };
}
