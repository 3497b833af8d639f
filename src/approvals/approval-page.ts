/** One approval: what is asked, the evidence, who has decided, and the form to decide; or how it ended. @module */
import type { AskedApproval } from '../client/open-approvals.js';
import type { DecisionRecord, PersonalDecision } from '../contracts/decisions.js';
import type { Authorship } from '../records/signing.js';
import type { ShownEvidence } from './evidence.js';
import { moment, span } from './figures.js';
import { html, type Html } from '../reports/page.js';
import { actorWords, authorWords } from '../reports/words.js';
import { approvalPath, policySentence } from './list-page.js';
import type { Bearer } from './oidc.js';
import { calibrationPlot, figuresTable, metricsTable, slicesTable } from './report-tables.js';

/** What the form is made with. */
export interface DecisionForm {
  readonly token: string;
  /** Undefined where names are claims: the form asks for one. */
  readonly visitor: Bearer | undefined;
  /** What was wrong with the decision that was just sent, and what was typed. */
  readonly problem?: string | undefined;
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
}

/** A question that is open. */
export function approvalPage(asked: AskedApproval, evidence: ShownEvidence, form: DecisionForm, now: number): Html {
  const { workflowId, runId, pipeline, approval } = asked;
  const { name, binding, expiresAt, askedAt, author, policy, decisions = [], notices = [] } = approval;
  const approved = decisions.filter(({ verdict }) => verdict === 'approved').length;
  return html`<p class="trail"><a href="/">All approvals</a></p>
    <h1>${name} <span class="badge">${approved} of ${policy?.deciders ?? 1}</span></h1>
    <p>${policySentence(policy)}</p>
    <dl>
      ${entry('pipeline', pipeline)} ${entry('run', html`<span class="mono">${workflowId}</span>`)}
      ${author === undefined ? '' : entry('started by', html`${author} <span class="badge claimed">claimed</span>`)}
      ${askedAt === undefined ? '' : entry('asked', moment(askedAt))}
      ${entry('expires', `in ${span(Date.parse(expiresAt) - now)}, ${moment(expiresAt)}`)}
    </dl>
    ${decisions.length > 0 ? decisionsSection(decisions) : ''}
    ${notices.map(({ kind, to, at, failure }) => html`<p class="quiet">${kind} to ${to} at ${moment(at)}${failure === undefined ? '' : `: not delivered, ${failure}`}</p>`)}
    ${evidenceSections(evidence, approval.evidence)} ${formSection(asked, form)}
    <p class="quiet fine">
      The decision is bound to this run and to the evidence as shown here: run <span class="mono">${runId}</span>,
      binding <span class="mono">${binding}</span>.
    </p>`;
}

/** A question that has ended, from its record. */
export function endedPage(record: DecisionRecord, author: Authorship, evidence: ShownEvidence): Html {
  return html`<p class="trail"><a href="/">All approvals</a></p>
    <h1>${record.name} <span class="badge ${record.verdict}">${record.verdict}</span></h1>
    <dl>
      ${entry('pipeline', record.pipeline)} ${entry('run', html`<span class="mono">${record.workflowId}</span>`)}
      ${record.author === undefined ? '' : entry('started by', actorWords(record.author))}
      ${entry('ended', moment(record.at))} ${entry('record', authorWords(author))}
    </dl>
    ${record.decisions.length > 0 ? decisionsSection(record.decisions) : html`<p>Nobody decided.</p>`}
    ${evidenceSections(evidence, record.evidence)}`;
}

function decisionsSection(decisions: readonly PersonalDecision[]): Html {
  return html`<section>
    <h2>Decided so far</h2>
    <ul class="decisions">
      ${decisions.map(
        ({ by, verdict, reason, at }) =>
          html`<li>
            <span class="badge ${verdict}">${verdict}</span> <b>${by.name}</b>
            <span class="badge ${by.standing}">${by.standing}</span>
            <span class="quiet">${by.how ?? ''} ${by.roles?.join(', ')}</span>
            <blockquote>${reason}</blockquote>
            <span class="quiet">${moment(at)}</span>
          </li>`,
      )}
    </ul>
  </section>`;
}

function evidenceSections(shown: ShownEvidence, raw: unknown): Html {
  const { figures, words, report, champion, artifacts, problems } = shown;
  const slices = report && slicesTable(report, champion);
  const table = figuresTable(figures);
  return html`${problems.map((problem) => html`<p class="warn" role="alert">Evidence is missing: ${problem}</p>`)}
    ${
      table || words.length > 0
        ? html`<section>
            <h2>Evidence</h2>
            ${table}${words.length > 0 ? html`<dl>${words.map(([name, value]) => entry(name, value))}</dl>` : ''}
          </section>`
        : ''
    }
    ${
      report
        ? html`<section>
            <h2>Evaluation${champion ? ' against the champion' : ''}</h2>
            ${metricsTable(report, champion)}${calibrationPlot(report)}
          </section>`
        : ''
    }
    ${
      slices
        ? html`<section>
            <h2>Slices</h2>
            ${slices}
          </section>`
        : ''
    }
    ${
      artifacts.length > 0
        ? html`<section>
            <h2>Artifacts</h2>
            <div class="wide">
              <table>
                <tbody>
                  ${artifacts.map(
                    ({ path, kind, ref }) =>
                      html`<tr>
                        <th scope="row">${path}</th>
                        <td>${kind}</td>
                        <td class="mono">${ref.sha256}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>
          </section>`
        : ''
    }
    <details>
      <summary>The evidence as JSON</summary>
      <pre>${JSON.stringify(raw, null, 2)}</pre>
    </details>`;
}

function formSection(asked: AskedApproval, { token, visitor, problem, by, reason }: DecisionForm): Html {
  const name = visitor
    ? html`<p>You decide as <b>${visitor.name}</b> <span class="badge verified">verified</span></p>`
    : html`<label
        >Your name, as the record will have it <span class="badge claimed">claimed</span>
        <input name="by" required maxlength="200" autocomplete="username" value="${by}"
      /></label>`;
  return html`<section class="decide">
    <h2>Decide</h2>
    ${problem === undefined ? '' : html`<p class="warn" role="alert">${problem}</p>`}
    <form method="post" action="${approvalPath(asked.workflowId, asked.approval.binding)}">
      <input type="hidden" name="form" value="${token}" />
      ${name}
      <label>Why <textarea name="reason" required maxlength="2000" rows="3">${reason}</textarea></label>
      <div class="buttons">
        <button name="verdict" value="approved" class="approve">Approve</button
        ><button name="verdict" value="rejected" class="reject">Reject</button>
      </div>
    </form>
  </section>`;
}

function entry(name: string, value: string | Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}
