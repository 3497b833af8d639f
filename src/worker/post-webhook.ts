/** A message by HTTP, as https://www.standardwebhooks.com says: receivers can check who sent it, and tell a repetition. @module */
import { requestJson } from '../alerts/http.js';
import { signatureOf } from '../alerts/webhook-signature.js';
import type { WebhookOptions } from '../contracts/people.js';
import type { SecretSource } from '../contracts/secrets.js';
import { TrainyardError } from '../contracts/errors.js';

/** Where a message goes, and what it is signed with. */
export interface WebhookTarget {
  readonly name: string;
  readonly url: string;
  readonly secret: string | undefined;
}

/** A webhook of the project by its name; throws TY2211 for one that it lacks, TY1109 for an environment variable that is not set. */
export function webhookTarget(webhooks: Readonly<Record<string, WebhookOptions>>, name: string): WebhookTarget {
  const webhook = Object.hasOwn(webhooks, name) ? webhooks[name] : undefined;
  if (webhook === undefined) throw new TrainyardError('TY2211', `the project has no webhook "${name}"`);
  const { url, secret } = webhook;
  return {
    name,
    url: typeof url === 'string' ? url : valueOf(url, name),
    secret: secret && valueOf(secret, name),
  };
}

/** Posts JSON once: Temporal tries again. Throws TY2502 without an answer in ten seconds, TY2503 for a refusal. */
export async function postWebhook(
  { name, url, secret }: WebhookTarget,
  message: unknown,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): Promise<void> {
  const body = JSON.stringify(message);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = secret && signatureOf({ id, timestamp, body }, secret);
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signature !== undefined && { 'webhook-signature': signature }),
  };
  // Messages name the webhook and not its address, which may be secret.
  const sink = `the webhook "${name}"`;
  await requestJson({ sink, method: 'POST', url, headers, body, signal, patience: { tries: 1 } });
}

function valueOf({ name }: SecretSource, webhook: string): string {
  const variable = name ?? webhook;
  const value = process.env[variable];
  if (value === undefined)
    throw new TrainyardError('TY1109', `the webhook "${webhook}" needs ${variable}, which is not set`);
  return value;
}
