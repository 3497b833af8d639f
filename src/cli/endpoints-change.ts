/** `trainyard endpoints traffic`, `rollback` and `withdraw`. @module */
import { Command } from 'commander';
import type { ChangeOptions } from '../client/change-entity.js';
import { Endpoints } from '../client/endpoints.js';
import { TrainyardError } from '../contracts/errors.js';
import { singleTraffic, type Traffic } from '../contracts/traffic.js';
import { trustedKeys } from '../records/signing.js';
import { trafficWords } from './endpoint-words.js';
import { type ChangeFlags, changeOptions, withDecidedChangeFlags } from './change-flags.js';
import { howMany } from './numbers.js';
import { withSession } from './session.js';

interface TrafficFlags extends ChangeFlags {
  readonly mode?: Traffic['mode'];
  readonly listens?: readonly string[];
  readonly stickyBy?: string;
}

/** Shares the requests out. */
export function endpointsTrafficCommand(): Command {
  return withDecidedChangeFlags(new Command('traffic'))
    .description("share an endpoint's requests out among its revisions")
    .argument('<endpoint>')
    .argument('<shares...>', 'revision=percent, or one revision for all: 3=95 5=5')
    .option('--mode <mode>', 'single, canary, ab or shadow; default: by the shares')
    .option('--listens <revisions...>', 'revisions that get copies of the requests')
    .option('--sticky-by <parameter>', 'request parameter whose value decides which revision answers')
    .addHelpText('after', '\nExample:\n  trainyard endpoints traffic churn 3=90 5=10 --reason "a first look at 5"')
    .action(async (name: string, shares: readonly string[], flags: TrafficFlags) => {
      const traffic = trafficOf(shares, flags);
      await change(name, flags, (all, options) => all.setTraffic(name, traffic, options));
    });
}

/** Goes back to the traffic before. */
export function endpointsRollBackCommand(): Command {
  return withDecidedChangeFlags(new Command('rollback'))
    .description('go back to the traffic before')
    .argument('<endpoint>')
    .addHelpText('after', '\nExample:\n  trainyard endpoints rollback churn --reason "errors since noon"')
    .action(async (name: string, flags: ChangeFlags) => {
      await change(name, flags, (all, options) => all.rollBack(name, options));
    });
}

/** Takes a revision away, or the endpoint out of service. */
export function endpointsWithdrawCommand(): Command {
  return withDecidedChangeFlags(new Command('withdraw'))
    .description('take a revision away, or the endpoint out of service')
    .argument('<endpoint>')
    .argument('[revision]', 'default: all of the endpoint', howMany)
    .addHelpText('after', '\nExample:\n  trainyard endpoints withdraw churn 5 --reason "trained on wrong labels"')
    .action(async (name: string, revision: number | undefined, flags: ChangeFlags) => {
      await change(name, flags, (all, options) => all.withdraw(name, revision, options));
    });
}

async function change(
  name: string,
  flags: ChangeFlags,
  work: (endpoints: Endpoints, options: ChangeOptions) => Promise<unknown>,
): Promise<void> {
  await withSession(flags, async ({ client, project, store }) => {
    const trusted = trustedKeys(project.folder);
    const all = new Endpoints({ client, project: project.project.name, store, trusted });
    await work(all, changeOptions(flags));
    const { generation, state } = await all.get(name);
    const said = flags.json ? JSON.stringify({ name, generation, traffic: state.traffic }) : trafficWords(state);
    process.stdout.write(`${said}\n`);
  });
}

function trafficOf(words: readonly string[], { mode, listens = [], stickyBy }: TrafficFlags): Traffic {
  const shadows = listens.map((word) => revisionIn(word));
  const sticky = stickyBy === undefined ? {} : { stickyBy };
  const [only] = words;
  if (words.length === 1 && only !== undefined && !only.includes('=')) {
    const single = singleTraffic(revisionIn(only));
    return { ...single, mode: mode ?? (shadows.length > 0 ? 'shadow' : 'single'), shadows, ...sticky };
  }
  const shares = words.map((word) => {
    const [revision = '', percent = ''] = word.split('=');
    return { revision: revisionIn(revision), share: Number(percent === '' ? NaN : percent) / 100 };
  });
  const bad = shares.findIndex(({ share }) => !(share >= 0 && share <= 1));
  if (bad >= 0) throw usage(words[bad] ?? '');
  return { mode: mode ?? (shares.length > 1 ? 'canary' : 'single'), shares, shadows, ...sticky };
}

function revisionIn(word: string): number {
  if (!/^[1-9]\d*$/.test(word)) throw usage(word);
  return Number(word);
}

function usage(word: string): TrainyardError {
  return new TrainyardError('TY1003', `"${word}" is no share: revision=percent, as in 5=10`);
}
