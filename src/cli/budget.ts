/** `trainyard budget show` and `raise`: what a run has spent, and leave to spend more. @module */
import { userInfo } from 'node:os';
import { Command } from 'commander';
import { raiseScheduleBudget } from '../client/raise-budget.js';
import { BudgetRaise, describeBudget, shareOf } from '../contracts/budget.js';
import { parseOrThrow } from '../contracts/contract-violation.js';
import { TrainyardError } from '../contracts/errors.js';
import { amount } from './numbers.js';
import { type ProjectFlags, withProjectFlags, withSession } from './session.js';

interface RaiseFlags extends ProjectFlags {
  readonly schedule?: string;
  readonly deviceHours?: number;
  readonly cost?: number;
  readonly reason: string;
  readonly by?: string;
}

/** The command with its two verbs. */
export function budgetCommand(): Command {
  return new Command('budget')
    .description('what a run may spend')
    .addCommand(showCommand())
    .addCommand(raiseCommand())
    .addHelpText('after', '\nExample:\n  trainyard budget show churnTraining-20261121');
}

function showCommand(): Command {
  return withProjectFlags(new Command('show'))
    .description('what a run has spent of its budget')
    .argument('<run>', 'workflow id, or the beginning of one')
    .option('--json', 'JSON on stdout')
    .addHelpText('after', '\nExample:\n  trainyard budget show churnTraining-20261121')
    .action(async (prefix: string, flags: ProjectFlags & { readonly json?: boolean }) => {
      await withSession(flags, async ({ pipelines }) => {
        const run = await pipelines.find(prefix);
        const { budget } = await run.status();
        const spent = await run.spent();
        if (budget === undefined || spent === undefined)
          throw new TrainyardError('TY1912', `${run.workflowId} has no budget: nothing limits it`, { remedy: '' });
        const share = shareOf(spent, budget.limits);
        const waits = budget.exhausted === true ? '; its stages wait for a raise' : '';
        const text = `${run.workflowId}: ${describeBudget(spent, budget.limits)} (${Math.round(100 * share)} %)${waits}`;
        process.stdout.write(
          `${flags.json ? JSON.stringify({ workflowId: run.workflowId, ...budget, spent, share }) : text}\n`,
        );
      });
    });
}

function raiseCommand(): Command {
  return withProjectFlags(new Command('raise'))
    .description('let a run spend more; stages that wait go on from their checkpoints')
    .argument('[run]', 'workflow id, or the beginning of one')
    .option('--schedule <id>', 'instead of a run: what the runs of this schedule may spend, open and future ones')
    .option('--device-hours <hours>', 'the new limit, in all', amount)
    .option('--cost <money>', 'the new limit, in all', amount)
    .requiredOption('--reason <text>', 'kept in history')
    .option('--by <name>', 'who allows it; default: the user of this machine')
    .addHelpText(
      'after',
      '\nExample:\n  trainyard budget raise churnTraining-20261121 --device-hours 20 --reason "the loss still falls"',
    )
    .action(async (prefix: string | undefined, flags: RaiseFlags, command: Command) => {
      const { schedule, deviceHours, cost, reason, by = userInfo().username } = flags;
      if ((prefix === undefined) === (schedule === undefined)) command.error('error: name a run, or --schedule <id>');
      const raise = parseOrThrow(BudgetRaise, { deviceHours, cost, by, reason }, 'budget raise');
      await withSession(flags, async ({ client, pipelines }) => {
        const ours = schedule === undefined ? undefined : pipelines.scheduleOf(schedule);
        const run = prefix === undefined ? undefined : await pipelines.find(prefix);
        await run?.raiseBudget(raise);
        const open =
          ours === undefined
            ? []
            : (await ours.exists())
              ? await ours.raiseBudget(raise)
              : await raiseScheduleBudget(client, ours.name, raise);
        for (const name of [run?.workflowId ?? `schedule ${schedule ?? ''}`, ...open])
          process.stdout.write(`raised the budget of ${name}\n`);
      });
    });
}
