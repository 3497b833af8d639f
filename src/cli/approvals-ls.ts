/** `trainyard approvals ls`: what all open runs ask, without a worker; or how approvals ended, without an engine. @module */
import { Command } from 'commander';
import type { AskedApproval } from '../client/open-approvals.js';
import { type KeptDecision, keptDecisions } from '../records/decisions.js';
import { dateOf } from '../reports/words.js';
import { duration } from './figures.js';
import { howMany } from './numbers.js';
import { type ReadFlags, withReadFlags } from './change-flags.js';
import { withSession } from './session.js';
import { openHeads, write } from './store-session.js';
import { table } from './table.js';

interface ListFlags extends ReadFlags {
  readonly ended?: boolean;
  readonly limit: number;
}

/** One line an approval; those that expire first come first, and of those that ended the newest. */
export function approvalsLsCommand(): Command {
  return withReadFlags(new Command('ls'))
    .description('list what open runs ask people, what expires first on top; or how approvals ended')
    .option('--ended', 'those with a policy that have ended, the newest first, from the store alone')
    .option('--limit <n>', 'so many of those that have ended', howMany, 20)
    .addHelpText('after', '\nExample:\n  trainyard approvals ls')
    .action((flags: ListFlags) => (flags.ended ? listEnded(flags) : listOpen(flags)));
}

async function listOpen(flags: ListFlags): Promise<void> {
  await withSession(flags, async ({ pipelines }) => {
    const asked: AskedApproval[] = [];
    for await (const one of pipelines.openApprovals()) asked.push(one);
    asked.sort((one, other) => one.approval.expiresAt.localeCompare(other.approval.expiresAt));
    for (const one of asked) write(flags.json ? JSON.stringify(one) : openLine(one));
    if (asked.length === 0 && !flags.json) write('no run asks for an approval');
  });
}

/** A record that cannot be read is named on stderr, and the command fails after it has listed the others. */
async function listEnded({ json, limit, ...flags }: ListFlags): Promise<void> {
  const { project, store, trusted } = await openHeads(flags);
  const kept: KeptDecision[] = [];
  for await (const found of keptDecisions(store, trusted)) {
    if ('record' in found) {
      if (found.record.workflowId.startsWith(`${project}/`)) kept.push(found);
      continue;
    }
    process.stderr.write(`${found.message}\n`);
    process.exitCode = 1;
  }
  const newest = kept.toSorted((one, other) => other.record.at.localeCompare(one.record.at)).slice(0, limit);
  if (json) for (const one of newest) write(JSON.stringify(one));
  else if (newest.length === 0) write('no approval with a policy has ended');
  else for (const line of table(newest.map(endedRow))) write(line);
}

function openLine({ workflowId, approval }: AskedApproval): string {
  const { name, expiresAt, policy, decisions = [] } = approval;
  const left = duration(Date.parse(expiresAt) - Date.now());
  const approved = decisions.filter(({ verdict }) => verdict === 'approved').length;
  const by = policy?.roles ? ` by ${policy.roles.join(', ')}` : '';
  return `${name.padEnd(16)} ${`${approved} of ${policy?.deciders ?? 1}`.padEnd(8)} expires in ${left.padStart(10)}  ${workflowId}${by}`;
}

function endedRow({ binding, record }: KeptDecision): string[] {
  const { at, verdict, name, workflowId, decisions } = record;
  return [dateOf(at), verdict, name, workflowId, decisions.map(({ by }) => by.name).join(', ') || '–', binding];
}
