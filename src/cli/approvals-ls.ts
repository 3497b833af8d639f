/** `trainyard approvals ls`: what all open runs ask, without a worker. @module */
import { Command } from 'commander';
import type { AskedApproval } from '../client/open-approvals.js';
import { duration } from './figures.js';
import { type ProjectFlags, withProjectFlags, withSession } from './session.js';
import { write } from './store-session.js';

/** One line an approval; those that expire first come first. */
export function approvalsLsCommand(): Command {
  return withProjectFlags(new Command('ls'))
    .description('list what open runs ask people, what expires first on top')
    .option('--json', 'JSON lines on stdout')
    .addHelpText('after', '\nExample:\n  trainyard approvals ls')
    .action(async (flags: ProjectFlags & { readonly json?: boolean }) => {
      await withSession(flags, async ({ pipelines }) => {
        const asked: AskedApproval[] = [];
        for await (const one of pipelines.openApprovals()) asked.push(one);
        asked.sort((one, other) => one.approval.expiresAt.localeCompare(other.approval.expiresAt));
        for (const one of asked) write(flags.json ? JSON.stringify(one) : line(one));
        if (asked.length === 0 && !flags.json) write('no run asks for an approval');
      });
    });
}

function line({ workflowId, approval }: AskedApproval): string {
  const { name, expiresAt, policy, decisions = [] } = approval;
  const left = duration(Date.parse(expiresAt) - Date.now());
  const approved = decisions.filter(({ verdict }) => verdict === 'approved').length;
  const by = policy?.roles ? ` by ${policy.roles.join(', ')}` : '';
  return `${name.padEnd(16)} ${`${approved} of ${policy?.deciders ?? 1}`.padEnd(8)} expires in ${left.padStart(10)}  ${workflowId}${by}`;
}
