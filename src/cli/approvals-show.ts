/** `trainyard approvals show`: what a run asks, or how an approval ended. @module */
import { Command } from 'commander';
import { approvalsOf, type AskedApproval } from '../client/open-approvals.js';
import type { ApprovalPolicy } from '../contracts/approval-policy.js';
import type { PersonalDecision } from '../contracts/decisions.js';
import { TrainyardError } from '../contracts/errors.js';
import { type KeptDecision, readDecision } from '../records/decisions.js';
import { actorWords, authorWords } from '../reports/words.js';
import { type ProjectFlags, withProjectFlags, withSession } from './session.js';
import { openHeads, write } from './store-session.js';
import { plain } from './table.js';

interface ShowFlags extends ProjectFlags {
  readonly json?: boolean;
}

/** Of a run: evidence, policy, who decided so far. Of a binding: the record in the store, for which no engine is needed. */
export function approvalsShowCommand(): Command {
  return withProjectFlags(new Command('show'))
    .description('show what a run asks: evidence, policy, who has decided, when it expires; or how an approval ended')
    .argument('<run>', 'workflow id, or the beginning of one; or the binding of an approval that has ended')
    .option('--json', 'JSON on stdout')
    .addHelpText('after', '\nExample:\n  trainyard approvals show churnTraining-20261121')
    .action(async (asked: string, flags: ShowFlags) => {
      if (/^[0-9a-f]{64}$/.test(asked)) await showEnded(asked, flags);
      else await showOpen(asked, flags);
    });
}

async function showOpen(prefix: string, flags: ShowFlags): Promise<void> {
  await withSession(flags, async ({ pipelines, client }) => {
    const { workflowId } = await pipelines.find(prefix);
    const open = await approvalsOf(client, workflowId);
    if (flags.json) for (const one of open) write(JSON.stringify(one));
    else for (const one of open) for (const line of openLines(one)) write(line);
    if (open.length === 0 && !flags.json) write(`${workflowId} asks for no approval`);
  });
}

async function showEnded(binding: string, flags: ShowFlags): Promise<void> {
  const { store, trusted } = await openHeads(flags);
  const kept = await readDecision(store, binding, trusted);
  if (kept === undefined)
    throw new TrainyardError('TY1905', `the store has no decision ${binding}`, {
      remedy: 'Approvals without a policy leave none; name the environment of the store: --env',
    });
  if (flags.json) write(JSON.stringify(kept));
  else for (const line of endedLines(kept)) write(line);
}

function openLines({ workflowId, pipeline, approval }: AskedApproval): string[] {
  const { id, expiresAt, askedAt, author, evidence, policy, decisions = [], notices = [], binding } = approval;
  return [
    `${id} of ${pipeline} ${workflowId}`,
    ...(askedAt === undefined ? [] : [`  asked      ${askedAt}`]),
    `  expires    ${expiresAt}${policy?.whenExpired === 'fail' ? '; then the run fails' : ''}`,
    ...(author === undefined ? [] : [`  author     ${plain(author)} (claimed)`]),
    ...(policy ? [`  policy     ${policyWords(policy)}`] : []),
    ...decisions.map((one) => `  ${decisionWords(one)}`),
    ...notices.map(
      ({ kind, to, at, failure }) =>
        `  ${kind} to ${to} at ${at}${failure === undefined ? '' : `, not delivered: ${plain(failure)}`}`,
    ),
    `  binding    ${binding}`,
    `  evidence   ${JSON.stringify(evidence, null, 2).replaceAll('\n', '\n  ')}`,
  ];
}

function endedLines({ record, author, binding }: KeptDecision): string[] {
  return [
    `${record.id} of ${record.pipeline} ${record.workflowId}: ${record.verdict} at ${record.at}`,
    ...(record.author ? [`  author     ${plain(actorWords(record.author))}`] : []),
    ...record.decisions.map((one) => `  ${decisionWords(one)}`),
    `  run id     ${record.runId}`,
    `  record     ${binding}, ${authorWords(author)}`,
    `  evidence   ${JSON.stringify(record.evidence, null, 2).replaceAll('\n', '\n  ')}`,
  ];
}

function policyWords({ deciders, rejections, roles, notAuthor, identity }: ApprovalPolicy): string {
  const people = deciders === 1 ? 'one person approves' : `${deciders} people approve`;
  return [
    people,
    rejections === 1 ? 'anybody rejects' : `${rejections} reject`,
    ...(roles ? [`of the roles ${roles.join(', ')}`] : []),
    ...(notAuthor ? ['not the author'] : []),
    ...(identity === 'verified' ? ['verified'] : []),
  ].join(', ');
}

function decisionWords({ by, verdict, reason, at }: PersonalDecision): string {
  const how = by.standing === 'verified' ? `verified by ${by.how ?? 'a credential'}` : 'claimed';
  return `${verdict.padEnd(10)} ${plain(by.name)} (${how}) at ${at}: ${plain(reason)}`;
}
