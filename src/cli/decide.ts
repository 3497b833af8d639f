/** `trainyard approve`, `reject` and `cancel`. @module */
import { Command } from 'commander';
import { type DeciderFlags, deciderOf, withDeciderFlags } from './credentials.js';
import { type ProjectFlags, withProjectFlags, withSession } from './session.js';

interface DecideFlags extends ProjectFlags, DeciderFlags {
  readonly run: string;
  readonly reason: string;
}

/** `approve` or `reject`: decides on what the run shows now. */
export function decideCommand(verb: 'approve' | 'reject', typed: string = verb): Command {
  return withDeciderFlags(withProjectFlags(new Command(verb)))
    .description(`${verb} what a run waits for`)
    .argument('<approval>', 'name of the approval')
    .requiredOption('--run <id>', 'workflow id, or the beginning of one')
    .requiredOption('--reason <text>', 'kept in history')
    .addHelpText(
      'after',
      `\nExample:\n  trainyard ${typed} promotion --run churnTraining-20261121 --reason "AUC and fairness report read"`,
    )
    .action(async (approval: string, flags: DecideFlags) => {
      await withSession(flags, async ({ pipelines, project }) => {
        const run = await pipelines.find(flags.run);
        const question = await run.question(approval);
        const { by, attestation } = await deciderOf(project, flags, question);
        const verdict = verb === 'approve' ? 'approved' : 'rejected';
        await run.decideOn(question, verdict, {
          by,
          reason: flags.reason,
          ...(attestation !== undefined && { attestation }),
        });
        const standing = attestation === undefined ? '' : `, verified`;
        process.stdout.write(`${verdict} "${approval}" of ${run.workflowId} as ${by}${standing}\n`);
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
