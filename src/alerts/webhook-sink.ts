/** Alerts to any address: the alert itself as JSON, signed where a secret is given. @module */
import { createHash } from 'node:crypto';
import type { Alert } from '../contracts/alerts.js';
import { type AlertSink, sinkName } from './alert-sink.js';
import { type Patience, requestJson } from './http.js';
import { signatureOf } from './webhook-signature.js';

/** What a webhook is told. */
export interface WebhookOptions {
  readonly url: string;
  /** The key: `whsec_` and base64, or any other text as it is. */
  readonly secret?: string;
  readonly patience?: Patience;
}

/**
 * Posts `{ type: 'alert.firing' | 'alert.resolved', timestamp, data: alert }` with the headers of Standard Webhooks 1.0
 * (https://www.standardwebhooks.com): `webhook-id` is the same for every try, so that a receiver can leave out what it has;
 * `webhook-signature` is an HMAC-SHA256 over id, time and body, which any of its libraries verifies.
 */
export function webhookSink({ url, secret, patience }: WebhookOptions): AlertSink {
  const name = sinkName('webhook', url);
  return {
    name,
    send: async (alert: Alert, signal?: AbortSignal) => {
      const happenedAt = alert.status === 'resolved' ? alert.endedAt : alert.startedAt;
      const body = JSON.stringify({ type: `alert.${alert.status}`, timestamp: happenedAt, data: alert });
      const id = messageId(alert);
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const headers = {
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'idempotency-key': id,
        ...(secret !== undefined && { 'webhook-signature': signatureOf({ id, timestamp, body }, secret) }),
      };
      await requestJson({ sink: name, method: 'POST', url, headers, body, signal, patience });
    },
  };
}

/** The same for an alert and its status, however often it is sent. */
function messageId({ id, status }: Alert): string {
  return `alert_${createHash('sha256').update(`${id} ${status}`).digest('hex').slice(0, 32)}`;
}
