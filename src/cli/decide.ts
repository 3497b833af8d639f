/** `trainyard approve`, `reject` and `cancel`. @module */
import { userInfo } from 'node:os';
import { Command } from 'commander';
import { type ProjectFlags, withProjectFlags, withSession } from './session.js';

interface DecideFlags extends ProjectFlags {
  readonly run: string;
  readonly reason: string;
  readonly by?: string;
}

/** `approve` or `reject`: decides on what the run shows now. */
export function decideCommand(verb: 'approve' | 'reject'): Command {
  return withProjectFlags(new Command(verb))
    .description(`${verb} what a run waits for`)
    .argument('<approval>', 'name of the approval')
    .requiredOption('--run <id>', 'workflow id, or the beginning of one')
    .requiredOption('--reason <text>', 'kept in history')
    .option('--by <name>', 'who decides; default: the user of this machine')
    .addHelpText(
      'after',
      `\nExample:\n  trainyard ${verb} promotion --run churnTraining-20261121 --reason "AUC and fairness report read"`,
    )
    .action(async (approval: string, flags: DecideFlags) => {
      await withSession(flags, async ({ pipelines }) => {
        const run = await pipelines.find(flags.run);
        await run[verb](approval, { by: flags.by ?? userInfo().username, reason: flags.reason });
        process.stdout.write(`${verb === 'approve' ? 'approved' : 'rejected'} "${approval}" of ${run.workflowId}\n`);
      });
    });
}

/** `cancel`: stages save a checkpoint first. */
export function cancelCommand(): Command {
  return withProjectFlags(new Command('cancel'))
    .description('ask a run to stop; its stages save a checkpoint first')
    .argument('<run>', 'workflow id, or the beginning of one')
    .addHelpText('after', '\nExample:\n  trainyard cancel churnTraining-20261121')
    .action(async (prefix: string, flags: ProjectFlags) => {
      await withSession(flags, async ({ pipelines }) => {
        const run = await pipelines.find(prefix);
        const { state } = await run.status();
        if (state === 'running') await run.cancel();
        process.stdout.write(
          state === 'running' ? `asked ${run.workflowId} to stop\n` : `${run.workflowId} is ${state} already\n`,
        );
      });
    });
}
