/** Alerts as incidents in ServiceNow, by its table API. @module */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Alert, AlertSeverity } from '../contracts/alerts.js';
import { TrainyardError } from '../contracts/errors.js';
import { type AlertSink, sinkName } from './alert-sink.js';
import { type Patience, requestJson } from './http.js';

/** What an instance is told. */
export interface ServiceNowOptions {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** One of the instance's resolution codes. @default 'Solution provided' */
  readonly closeCode?: string;
  readonly patience?: Patience;
}

/** Urgency and impact are 1 (high) to 3 (low); the instance makes the priority of both. */
const urgencies = { critical: '1', warning: '2', info: '3' } as const satisfies Record<AlertSeverity, string>;

/** The incident's states 6 and 7. */
const ended = ['6', '7'];

const Found = z.object({
  result: z.array(z.object({ sys_id: z.string(), state: z.string(), correlation_display: z.string() })),
});

/**
 * Opens an incident when an alert fires and resolves it when the alert ends. It is found again by `correlation_id`, a digest of the alert's
 * fingerprint, and knows by `correlation_display` since when the alert fires: one that is sent twice changes nothing, one that fires anew
 * while its incident is open is a work note there. One that somebody resolved or closed by hand is left alone.
 */
export function serviceNowSink(options: ServiceNowOptions): AlertSink {
  const { url, user, password, closeCode = 'Solution provided', patience } = options;
  const name = sinkName('servicenow', url);
  const table = `${url.replace(/\/+$/, '')}/api/now/table/incident`;
  const headers = { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  return {
    name,
    send: async (alert: Alert, signal?: AbortSignal) => {
      const shared = { sink: name, headers, signal, patience };
      const correlationId = createHash('sha256').update(alert.fingerprint).digest('hex');
      const query = new URLSearchParams({
        sysparm_query: `correlation_id=${correlationId}^ORDERBYDESCsys_created_on`,
        sysparm_fields: 'sys_id,state,correlation_display',
        sysparm_limit: '1',
      });
      const answer = await requestJson({ ...shared, method: 'GET', url: `${table}?${query.toString()}` });
      const found = Found.safeParse(answer);
      if (!found.success) throw new TrainyardError('TY2503', `${name} answered a query with no list of incidents`);
      const incident = found.data.result[0];
      const isOpen = incident !== undefined && !ended.includes(incident.state);
      const isTold = incident?.correlation_display === sinceWords(alert);
      if (alert.status === 'firing') {
        if (isTold) return;
        if (isOpen) {
          const work_notes = `Fires again since ${alert.startedAt}: ${alert.summary}`;
          const body = JSON.stringify({ work_notes, correlation_display: sinceWords(alert) });
          await requestJson({ ...shared, method: 'PATCH', url: `${table}/${incident.sys_id}`, body });
          return;
        }
        const body = JSON.stringify({ ...incidentOf(alert), correlation_id: correlationId });
        await requestJson({ ...shared, method: 'POST', url: table, body });
      } else if (isOpen && isTold) {
        const close_notes = `Ended ${alert.endedAt}: Trainyard no longer finds it.`;
        const body = JSON.stringify({ state: '6', close_code: closeCode, close_notes });
        await requestJson({ ...shared, method: 'PATCH', url: `${table}/${incident.sys_id}`, body });
      }
    },
  };
}

/** Which time that an alert fires an incident knows of. */
function sinceWords({ startedAt }: Alert): string {
  return `Trainyard, since ${startedAt}`;
}

function incidentOf(alert: Alert): Record<string, string> {
  const { name, severity, project, subject, summary, evidence, runbook } = alert;
  const lines = [
    summary,
    `${subject.kind} ${subject.name} of project ${project}, since ${alert.startedAt}`,
    ...Object.entries(evidence.figures).map(([figure, value]) => `${figure}: ${value}`),
    ...evidence.refs.map(({ uri }) => `evidence: ${uri}`),
    ...(runbook === undefined ? [] : [`runbook: ${runbook}`]),
  ];
  return {
    short_description: `${name}: ${summary}`.slice(0, 160), // the column's length
    description: lines.join('\n'),
    urgency: urgencies[severity],
    impact: urgencies[severity],
    correlation_display: sinceWords(alert),
  };
}
