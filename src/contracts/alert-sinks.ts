/** Where a project's alerts go: what `defineProject` takes. @module */
import type { AlertSeverity } from './alerts.js';
import { type Duration, toMilliseconds } from './duration.js';
import { TrainyardError } from './errors.js';

interface AnySink {
  /** Leaves out what is less urgent. @default 'info' */
  readonly atLeast?: AlertSeverity;
}

/** Posts the alert as JSON. */
export interface WebhookSinkOptions extends AnySink {
  readonly kind: 'webhook';
  readonly url: string;
  /** Name of the project's secret with which each request is signed, as Standard Webhooks 1.0 says. @default not signed */
  readonly secret?: string;
}

/** A Prometheus Alertmanager, or what speaks its API v2 (Mimir, Grafana). */
export interface AlertmanagerSinkOptions extends AnySink {
  readonly kind: 'alertmanager';
  /** Without `/api/v2`. */
  readonly url: string;
  /** After so long an alert that nobody closed counts as resolved there. @default '7 days' */
  readonly holdFor?: Duration;
}

/** Incidents in ServiceNow, by its table API. */
export interface ServiceNowSinkOptions extends AnySink {
  readonly kind: 'servicenow';
  /** `dev12345`, or an address. */
  readonly instance: string;
  /** Name of the project's secret with the name of a user who may write incidents. */
  readonly user: string;
  /** Name of the project's secret with his password. */
  readonly password: string;
  /** One of the instance's resolution codes. @default 'Solution provided' */
  readonly closeCode?: string;
}

/** One of the places where alerts go. */
export type AlertSinkOptions = WebhookSinkOptions | AlertmanagerSinkOptions | ServiceNowSinkOptions;

/** The base address of a sink. */
export function addressOf(sink: AlertSinkOptions): string {
  if (sink.kind !== 'servicenow') return sink.url;
  return /^[a-z0-9-]+$/i.test(sink.instance) ? `https://${sink.instance}.service-now.com` : sink.instance;
}

/** Throws TY2501 for a sink that has no http address or names a secret that the project does not declare, TY1001 for a wrong span. */
export function assertSinks(sinks: readonly AlertSinkOptions[], secrets: Readonly<Record<string, unknown>>): void {
  for (const [i, sink] of sinks.entries()) {
    const address = addressOf(sink);
    // A password in the address would stand in logs.
    if (!/^https?:\/\/[^/@\s]+(\/\S*)?$/.test(address))
      throw new TrainyardError('TY2501', `alerts[${i}] (${sink.kind}) has the address "${address}"`);
    const named =
      sink.kind === 'servicenow' ? [sink.user, sink.password] : sink.kind === 'webhook' ? [sink.secret] : [];
    for (const name of named)
      if (name !== undefined && !Object.hasOwn(secrets, name))
        throw new TrainyardError(
          'TY2501',
          `alerts[${i}] (${sink.kind}) names the secret ${name}, which is not declared`,
        );
    if (sink.kind === 'alertmanager' && sink.holdFor !== undefined) toMilliseconds(sink.holdFor);
  }
}
