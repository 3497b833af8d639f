/** `trainyard endpoints show` and `history`. @module */
import { Command } from 'commander';
import { EndpointReader } from '../client/endpoints.js';
import type { ServerRecord } from '../records/endpoints.js';
import { actorWords, authorWords, dateOf } from '../reports/words.js';
import { changeWords, modelWords, trafficWords } from './endpoint-words.js';
import { type ReadFlags, withReadFlags } from './change-flags.js';
import { wholeNumber } from './numbers.js';
import { openHeads, write } from './store-session.js';
import { table } from './table.js';

/** Traffic, revisions and servers of one endpoint. */
export function endpointsShowCommand(): Command {
  return withReadFlags(new Command('show'))
    .description("an endpoint's traffic, revisions and servers")
    .argument('<endpoint>')
    .option('--at <time>', 'as it was at a time: 2026-03-01T12:00Z')
    .addHelpText('after', '\nExample:\n  trainyard endpoints show churn --at 2026-03-01T12:00Z')
    .action(async (name: string, flags: ReadFlags & { readonly at?: string }) => {
      const reader = new EndpointReader(await openHeads(flags));
      const head = await (flags.at === undefined ? reader.get(name) : reader.asOf(name, flags.at));
      const servers = flags.at === undefined ? await reader.servers(name) : [];
      const { generation, at, by, request, author, state } = head;
      if (flags.json) {
        write(JSON.stringify({ name, generation, at, by, reason: request.reason, author, state, servers }));
        return;
      }
      write(`${name}  ${trafficWords(state)}`);
      write(`generation ${generation}, ${dateOf(at)} by ${actorWords(by)}: ${request.reason} (${authorWords(author)})`);
      const revisions = state.revisions.map((one) => [`  revision ${one.id}`, modelWords(one), dateOf(one.addedAt)]);
      for (const line of table(revisions)) write(line);
      for (const line of table(servers.map((server) => serverRow(server)))) write(line);
    });
}

function serverRow(server: ServerRecord): string[] {
  const said = server.state === 'serving' ? `serves ${server.revisions.join(', ') || 'nothing'}` : server.reason;
  return [`  ${server.address}`, `generation ${server.generation}`, dateOf(server.at), said];
}

/** Every change, oldest first. */
export function endpointsHistoryCommand(): Command {
  return withReadFlags(new Command('history'))
    .description('every change of an endpoint: what, when, by whom, why')
    .argument('<endpoint>')
    .option('--from <generation>', 'only from this change on', (text) => wholeNumber(text, 1, 1e12), 1)
    .addHelpText('after', '\nExample:\n  trainyard endpoints history churn')
    .action(async (name: string, flags: ReadFlags & { readonly from: number }) => {
      const reader = new EndpointReader(await openHeads(flags));
      await reader.get(name); // says so where there is none
      for await (const head of reader.history(name, { from: flags.from })) {
        const { generation, at, by, request, result, author } = head;
        const { reason, change } = request;
        if (flags.json) write(JSON.stringify({ generation, at, by, reason, change, result, author }));
        else write(`${generation}  ${dateOf(at)}  ${actorWords(by)}  ${changeWords(head)}  ${reason}`);
      }
    });
}
