/** Where an alert goes. @module */
import type { Alert } from '../contracts/alerts.js';

/** A place that alerts are sent to: a webhook, an Alertmanager, a table of incidents. */
export interface AlertSink {
  /** For logs and deliveries: `webhook hooks.example.com`. */
  readonly name: string;
  /**
   * Brings the alert there. Sent twice it is there once.
   * @throws TrainyardError TY2502 while the sink cannot be reached, TY2503 when it refuses the alert.
   */
  send(alert: Alert, signal?: AbortSignal): Promise<void>;
}

/** The kind and the host: an address may hold what is secret. */
export function sinkName(kind: string, url: string): string {
  return `${kind} ${new URL(url).host}`;
}
