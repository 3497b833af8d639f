/** How a webhook is signed: Standard Webhooks 1.0, https://www.standardwebhooks.com. @module */
import { createHmac } from 'node:crypto';

/** What is signed: the headers `webhook-id` and `webhook-timestamp` (seconds since 1970), and the body. */
export interface SignedMessage {
  readonly id: string;
  readonly timestamp: string;
  readonly body: string;
}

/**
 * The header `webhook-signature`: `v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`.
 * @param secret `whsec_` and base64, or any other text, whose bytes are the key
 */
export function signatureOf({ id, timestamp, body }: SignedMessage, secret: string): string {
  const prefix = 'whsec_';
  const key = secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
