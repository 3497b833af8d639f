/** Who started the run: he may not decide where a policy says so. @module */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { ApprovalPolicy } from '../contracts/approval-policy.js';
import { authorMemo, RunAuthor } from '../contracts/approvals.js';

/** The author's name; undefined where nobody said it. Throws where a policy needs it: before any stage has run, not when the approval is asked for. */
export function authorOfRun(contract: {
  readonly name: string;
  readonly policies: Readonly<Record<string, ApprovalPolicy>>;
}): string | undefined {
  const author = RunAuthor.safeParse(workflowInfo().memo?.[authorMemo]).data?.name;
  if (author !== undefined) return author;
  const needy = Object.entries(contract.policies).find(([, { notAuthor }]) => notAuthor)?.[0];
  if (needy === undefined) return undefined;
  throw ApplicationFailure.create({
    message: `pipeline ${contract.name}: its author may not decide "${needy}", and nobody said who started the run. Start it with \`by\`. [TY2202]`,
    type: 'ContractViolation',
    nonRetryable: true,
  });
}
