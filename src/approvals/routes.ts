/** What the page shows at which address, and what its forms do. @module */
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { approvalsOf } from '../client/open-approvals.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { attest } from '../records/attestations.js';
import { readDecision } from '../records/decisions.js';
import { approvalPage, endedPage } from './approval-page.js';
import type { PageContext } from './answer.js';
import { shownEvidence } from './evidence.js';
import { readForm } from './forms.js';
import type { Html } from '../reports/page.js';
import { approvalPath, listPage } from './list-page.js';
import type { Bearer } from './oidc.js';
import type { Session } from './sessions.js';
import { problemPage, signInPage } from './sign-in-page.js';

/** A page. */
export interface Answer {
  readonly status: number;
  readonly title: string;
  readonly content: Html;
  readonly session?: Session;
}

/** Another address to go to. */
export interface Redirect {
  readonly to: string;
  readonly session?: Session;
}

/** A request's context, and who makes it. */
export type Visit = PageContext & { readonly session: Session; readonly visitor: Bearer | undefined };

/** The page, or where to go on. Throws what it cannot do. */
export async function routed(request: IncomingMessage, visit: Visit): Promise<Answer | Redirect> {
  const { pathname } = new URL(request.url ?? '/', 'http://page');
  const form = request.method === 'POST' ? await readForm(request, visit, pathname) : undefined;
  if (form === undefined && request.method !== 'GET' && request.method !== 'HEAD')
    return problem(405, 'Not here', 'This page is looked at, or sends its own forms.');
  if (pathname === '/sign-in' && form) return signIn(visit, form);
  if (pathname === '/sign-out' && form) {
    visit.sessions.end(visit.session);
    return { to: '/', session: visit.sessions.create() };
  }
  if (visit.visitor === undefined && visit.providers.checkToken) return askToSignIn(visit);
  if (visit.visitor === undefined && visit.providers.clientCertificates)
    return problem(403, 'Who are you?', 'The client certificate names nobody.');
  if (pathname === '/') {
    const asked = [];
    for await (const one of visit.pipelines.openApprovals()) asked.push(one);
    return { status: 200, title: 'Approvals', content: listPage(asked, Date.now()) };
  }
  const [, id, binding] = /^\/runs\/([^/]+)\/([0-9a-f]{64})$/.exec(pathname) ?? [];
  if (id === undefined || binding === undefined) return problem(404, 'Nothing here', 'There is no such page.');
  const workflowId = decodeURIComponent(id);
  return form ? decide(visit, workflowId, binding, form) : show(visit, workflowId, binding);
}

async function show(visit: Visit, workflowId: string, binding: string, sent?: Sent): Promise<Answer> {
  const { client, store, trusted, sessions, session, visitor } = visit;
  const asked = (await approvalsOf(client, workflowId)).find(({ approval }) => approval.binding === binding);
  if (asked && workflowId.startsWith(`${visit.project}/`)) {
    const evidence = await shownEvidence(store, asked.approval.evidence);
    const form = { token: sessions.formToken(session, approvalPath(workflowId, binding)), visitor, ...sent };
    const content = approvalPage(asked, evidence, form, Date.now());
    return { status: sent ? 409 : 200, title: asked.approval.name, content };
  }
  const kept = await readDecision(store, binding, trusted);
  if (kept?.record.workflowId !== workflowId)
    return problem(
      404,
      'No longer asked',
      'The run does not ask this any more: it has been decided, has expired, or was shown with other evidence. Look at what it asks now.',
    );
  const evidence = await shownEvidence(store, kept.record.evidence);
  return { status: 200, title: kept.record.verdict, content: endedPage(kept.record, kept.author, evidence) };
}

const recordPatienceMs = 2_000;

/** What was typed into a form that did not go through. */
interface Sent {
  readonly problem: string;
  readonly by: string;
  readonly reason: string;
}

async function decide(
  visit: Visit,
  workflowId: string,
  binding: string,
  form: URLSearchParams,
): Promise<Answer | Redirect> {
  const { client, pipelines, signer, visitor, log } = visit;
  const verdict = form.get('verdict') === 'approved' ? 'approved' : 'rejected';
  const by = visitor?.name ?? form.get('by')?.trim() ?? '';
  const reason = form.get('reason')?.trim() ?? '';
  const asked = (await approvalsOf(client, workflowId)).find(({ approval }) => approval.binding === binding);
  if (!asked || !workflowId.startsWith(`${visit.project}/`)) return show(visit, workflowId, binding);
  if (by === '' || reason === '' || !['approved', 'rejected'].includes(form.get('verdict') ?? ''))
    return show(visit, workflowId, binding, { problem: 'A decision has a name, a reason and a verdict.', by, reason });
  try {
    const attestation = visitor && attest(signer, visitor, binding);
    const options = { by, reason, ...(attestation !== undefined && { attestation }) };
    await pipelines.get(workflowId, asked.runId).decideOn(asked.approval, verdict, options);
  } catch (error) {
    if (!(error instanceof TrainyardError)) throw error;
    return show(visit, workflowId, binding, { problem: error.message, by, reason });
  }
  log.info({ workflowId, binding, verdict, by, verified: visitor !== undefined }, 'decided');
  if (await isShown(visit, workflowId, binding)) return { to: approvalPath(workflowId, binding) };
  // An approval without a policy leaves no record.
  return problem(200, verdict, `You have ${verdict} “${asked.approval.name}” of ${workflowId}.`);
}

/** Whether the question still stands, or its record does: a run that was just decided writes it right away. */
async function isShown({ client, store, trusted }: Visit, workflowId: string, binding: string): Promise<boolean> {
  const end = Date.now() + recordPatienceMs;
  for (;;) {
    const open = await approvalsOf(client, workflowId);
    if (open.some(({ approval }) => approval.binding === binding)) return true;
    if ((await readDecision(store, binding, trusted)) !== undefined) return true;
    if (Date.now() > end) return false;
    await delay(100);
  }
}

async function signIn(visit: Visit, form: URLSearchParams): Promise<Answer | Redirect> {
  if (!visit.providers.checkToken) return problem(404, 'Nothing here', 'This page takes no tokens.');
  try {
    const bearer = await visit.providers.checkToken(form.get('token')?.trim() ?? '');
    visit.sessions.end(visit.session);
    return { to: '/', session: visit.sessions.create(bearer) };
  } catch (error) {
    return askToSignIn(visit, messageOf(error));
  }
}

function askToSignIn({ issuer = '', sessions, session }: Visit, what?: string): Answer {
  const content = signInPage(issuer, sessions.formToken(session, '/sign-in'), what);
  return { status: what === undefined ? 401 : 403, title: 'Sign in', content };
}

/** A page that says what is wrong. */
export function problem(status: number, title: string, what: string): Answer {
  return { status, title, content: problemPage(title, what) };
}
