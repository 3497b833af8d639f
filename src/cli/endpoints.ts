/** `trainyard endpoints`: what serves which name. Reading needs the store alone; changing needs a pipelines worker. @module */
import { Command } from 'commander';
import { EndpointReader } from '../client/endpoints.js';
import { trafficWords } from './endpoint-words.js';
import { endpointsHistoryCommand, endpointsShowCommand } from './endpoints-show.js';
import { endpointsRollBackCommand, endpointsTrafficCommand, endpointsWithdrawCommand } from './endpoints-change.js';
import { type ReadFlags, withReadFlags } from './change-flags.js';
import { openHeads, write } from './store-session.js';
import { table } from './table.js';

/** The command with its verbs. */
export function endpointsCommand(): Command {
  const command = new Command('endpoints').description(
    'which revisions serve a name, and their shares of its requests',
  );
  for (const verb of [
    lsCommand(),
    endpointsShowCommand(),
    endpointsHistoryCommand(),
    endpointsTrafficCommand(),
    endpointsRollBackCommand(),
    endpointsWithdrawCommand(),
  ])
    command.addCommand(verb);
  return command.addHelpText('after', '\nExample:\n  trainyard endpoints show churn');
}

function lsCommand(): Command {
  return withReadFlags(new Command('ls'))
    .description('list endpoints and their traffic')
    .addHelpText('after', '\nExample:\n  trainyard endpoints ls')
    .action(async (flags: ReadFlags) => {
      const reader = new EndpointReader(await openHeads(flags));
      const rows: string[][] = [];
      for (const name of await reader.names()) {
        const { generation, at, state } = await reader.get(name);
        if (flags.json) write(JSON.stringify({ name, generation, at, traffic: state.traffic }));
        else rows.push([name, String(generation), at.slice(0, 19) + 'Z', trafficWords(state)]);
      }
      for (const line of table(rows, { right: [1] })) write(line);
    });
}
