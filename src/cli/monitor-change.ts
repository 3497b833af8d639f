/** `trainyard monitor look`, `pause` and `resume`. @module */
import { Command } from 'commander';
import type { ChangeOptions } from '../client/change-entity.js';
import { Monitors } from '../client/monitors.js';
import type { MonitorAnswer } from '../contracts/monitor-state.js';
import { type ChangeFlags, changeOptions, withChangeFlags } from './change-flags.js';
import { withSession } from './session.js';
import { write } from './store-session.js';

/** Looks now. */
export function monitorLookCommand(): Command {
  return withChangeFlags(new Command('look'))
    .description('look now, before the clock asks for it; one that goes on is not disturbed')
    .argument('<monitor>')
    .addHelpText('after', '\nExample:\n  trainyard monitor look churnMonitor --reason "customers complain"')
    .action(async (name: string, flags: ChangeFlags) => {
      await change(name, flags, 'asked for a look', (monitors, options) => monitors.look(name, options));
    });
}

/** No look begins until it is resumed. */
export function monitorPauseCommand(): Command {
  return withChangeFlags(new Command('pause'))
    .description('let no look begin until the monitor is resumed; alerts that fire go on')
    .argument('<monitor>')
    .addHelpText('after', '\nExample:\n  trainyard monitor pause churnMonitor --reason "a load test until noon"')
    .action(async (name: string, flags: ChangeFlags) => {
      await change(name, flags, 'paused', (monitors, options) => monitors.pause(name, options));
    });
}

/** Looks begin again. */
export function monitorResumeCommand(): Command {
  return withChangeFlags(new Command('resume'))
    .description('let looks begin again')
    .argument('<monitor>')
    .addHelpText('after', '\nExample:\n  trainyard monitor resume churnMonitor --reason "the load test is over"')
    .action(async (name: string, flags: ChangeFlags) => {
      await change(name, flags, 'resumed', (monitors, options) => monitors.resume(name, options));
    });
}

async function change(
  name: string,
  flags: ChangeFlags,
  done: string,
  ask: (monitors: Monitors, options: ChangeOptions) => Promise<MonitorAnswer>,
): Promise<void> {
  await withSession(flags, async ({ client, project, store }) => {
    const answer = await ask(new Monitors({ project: project.project.name, store, client }), changeOptions(flags));
    const { look, firing } = answer;
    write(
      flags.json ? JSON.stringify({ monitor: name, ...answer }) : `${name}: ${done}; ${look} looks, ${firing} firing`,
    );
  });
}
