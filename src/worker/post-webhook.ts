/** A message by HTTP, as https://www.standardwebhooks.com says: receivers can check who sent it, and tell a repetition. @module */
import { secretValue } from '../activity/resolve-secrets.js';
import { signatureOf } from '../alerts/webhook-signature.js';
import type { Project } from '../contracts/define-project.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** Where a message goes, and what it is signed with. */
export interface WebhookTarget {
  readonly name: string;
  readonly url: string;
  readonly secret: string | undefined;
}

const patienceMs = 10_000;

/** A webhook of the project by its name; throws TY2211 for one that it lacks, TY1109 for a secret that this worker lacks. */
export function webhookTarget(project: Pick<Project, 'webhooks' | 'secrets'>, name: string): WebhookTarget {
  const { webhooks = {} } = project;
  const webhook = Object.hasOwn(webhooks, name) ? webhooks[name] : undefined;
  if (webhook === undefined) throw new TrainyardError('TY2211', `the project has no webhook "${name}"`);
  const { url, secret } = webhook;
  const valueOf = (own: string) => secretValue(own, project, `the webhook "${name}"`);
  return {
    name,
    url: typeof url === 'string' ? url : valueOf(url.secret),
    secret: secret === undefined ? undefined : valueOf(secret),
  };
}

/** Posts JSON; an answer other than 2xx, and none in 10 s, throws TY2212, whose words leave the url out: it may be secret. */
export async function postWebhook(
  { name, url, secret }: WebhookTarget,
  body: unknown,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): Promise<void> {
  const text = JSON.stringify(body);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = secret && signatureOf({ id, timestamp, body: text }, secret);
  let status: number;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        ...(signature !== undefined && { 'webhook-signature': signature }),
      },
      body: text,
      // A redirect would take the message to where nobody meant it to go.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    });
    await response.body?.cancel();
    ({ status } = response);
  } catch (cause) {
    if (signal.aborted) throw cause;
    const why = cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause);
    throw new TrainyardError('TY2212', `the webhook "${name}" cannot be reached: ${why}`);
  }
  if (status < 200 || status > 299) throw new TrainyardError('TY2212', `the webhook "${name}" answered ${status}`);
}
