/** Alerts to a Prometheus Alertmanager by its API v2, which groups, silences and routes them. @module */
import type { Alert } from '../contracts/alerts.js';
import { toMilliseconds, type Duration } from '../contracts/duration.js';
import { type AlertSink, sinkName } from './alert-sink.js';
import { type Patience, requestJson } from './http.js';

/** What an Alertmanager is told. */
export interface AlertmanagerOptions {
  /** Without `/api/v2`. */
  readonly url: string;
  /** After so long an alert that nobody closed counts as resolved there. @default '7 days' */
  readonly holdFor?: Duration;
  readonly patience?: Patience;
}

/**
 * Posts to `/api/v2/alerts`. The labels are the alert's identity there, so they hold nothing that changes while it fires.
 * An alert without an end would be taken for resolved after Alertmanager's `resolve_timeout` (5 minutes), because
 * Prometheus repeats itself; ours has its end in `holdFor`, and a closed one has it in the past.
 */
export function alertmanagerSink({ url, holdFor = '7 days', patience }: AlertmanagerOptions): AlertSink {
  const name = sinkName('alertmanager', url);
  const address = `${url.replace(/\/+$/, '')}/api/v2/alerts`;
  return {
    name,
    send: async (alert: Alert, signal?: AbortSignal) => {
      const endsAt =
        alert.status === 'resolved' ? alert.endedAt : new Date(Date.now() + toMilliseconds(holdFor)).toISOString();
      const posted = { labels: labelsOf(alert), annotations: annotationsOf(alert), startsAt: alert.startedAt, endsAt };
      await requestJson({ sink: name, method: 'POST', url: address, body: JSON.stringify([posted]), signal, patience });
    },
  };
}

function labelsOf({ name, severity, project, subject }: Alert): Record<string, string> {
  return { alertname: name, severity, project, subject_kind: subject.kind, subject: subject.name };
}

function annotationsOf({ summary, evidence, runbook }: Alert): Record<string, string> {
  const figures = Object.entries(evidence.figures).map(([figure, value]) => `${figure} ${value}`);
  return {
    summary,
    ...(figures.length > 0 && { figures: figures.join(', ') }),
    ...(evidence.refs.length > 0 && { evidence: evidence.refs.map(({ uri }) => uri).join(' ') }),
    ...(runbook !== undefined && { runbook_url: runbook }),
  };
}
