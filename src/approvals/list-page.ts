/** All that open runs ask people. @module */
import type { AskedApproval } from '../client/open-approvals.js';
import type { ApprovalPolicy } from '../contracts/approval-policy.js';
import { moment, span } from './figures.js';
import { html, type Html } from '../reports/page.js';

/** Where an approval is shown: its binding in the address is the question as it was shown. */
export function approvalPath(workflowId: string, binding: string): string {
  return `/runs/${encodeURIComponent(workflowId)}/${binding}`;
}

/** What expires first comes first. */
export function listPage(asked: readonly AskedApproval[], now: number): Html {
  if (asked.length === 0)
    return html`<h1>Nothing to decide</h1>
      <p class="quiet">
        No open run asks for an approval. Load the page again later: a new question takes seconds to appear.
      </p>`;
  const sorted = asked.toSorted((one, other) => one.approval.expiresAt.localeCompare(other.approval.expiresAt));
  return html`<h1>${asked.length === 1 ? 'One approval is' : `${asked.length} approvals are`} open</h1>
    <ul class="cards">
      ${sorted.map((one) => card(one, now))}
    </ul>`;
}

function card(asked: AskedApproval, now: number): Html {
  const { workflowId, pipeline, approval } = asked;
  const { name, expiresAt, policy, decisions = [], author } = approval;
  const approved = decisions.filter(({ verdict }) => verdict === 'approved').length;
  return html`<li>
    <a href="${approvalPath(workflowId, approval.binding)}">
      <span class="line"><b>${name}</b> <span class="badge">${approved} of ${policy?.deciders ?? 1}</span></span>
      <span class="line">${pipeline} <span class="quiet mono">${workflowId}</span></span>
      <span class="line quiet"
        >expires in ${span(Date.parse(expiresAt) - now)},
        ${moment(expiresAt)}${author === undefined ? '' : `; started by ${author}`}</span
      >
    </a>
  </li>`;
}

/** A policy in a sentence. */
export function policySentence(policy: ApprovalPolicy | undefined): string {
  if (policy === undefined) return 'One person decides.';
  const { deciders, rejections, roles, notAuthor, identity, whenExpired } = policy;
  const who = roles ? ` of the role${roles.length === 1 ? '' : 's'} ${roles.join(' or ')}` : '';
  return [
    `${deciders === 1 ? 'One person' : `${deciders} people`}${who} must approve; ${rejections === 1 ? 'one rejection stops it' : `${rejections} rejections stop it`}.`,
    ...(notAuthor ? ['Whoever started the run may not decide.'] : []),
    ...(identity === 'verified' ? ['Only verified people count.'] : []),
    ...(whenExpired === 'fail' ? ['If it expires, the run fails.'] : ['If it expires, that is neither yes nor no.']),
  ].join(' ');
}
