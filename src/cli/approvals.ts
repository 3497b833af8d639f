/** `trainyard approvals`: what runs ask people, and who decides. @module */
import { Command } from 'commander';
import { approvalsServeCommand } from './approvals-serve.js';
import { approvalsLsCommand } from './approvals-ls.js';
import { approvalsShowCommand } from './approvals-show.js';
import { decideCommand } from './decide.js';

/** ls, show, approve, reject and serve. */
export function approvalsCommand(): Command {
  const approvals = new Command('approvals').description('what runs ask people, and who decides');
  for (const command of [
    approvalsLsCommand(),
    approvalsShowCommand(),
    decideCommand('approve', 'approvals approve'),
    decideCommand('reject', 'approvals reject'),
    approvalsServeCommand(),
  ])
    approvals.addCommand(command);
  return approvals.addHelpText('after', '\nExample:\n  trainyard approvals ls');
}
