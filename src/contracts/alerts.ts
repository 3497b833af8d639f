/** Alerts: what is wrong with whom since when, as it is shown to people and sent to the tools that wake them. @module */
import { z } from 'zod';
import { Ref } from './refs.js';

/** Activity on the `pipelines` queue: brings an {@link Alert} to every sink of the project. Gives a {@link Delivery}. */
export const sendAlertActivity = 'trainyard:sendAlert';

/** From the least to the most urgent: worth knowing, to be looked at in working hours, to be looked at now. */
export const AlertSeverity = z.enum(['info', 'warning', 'critical']);
export type AlertSeverity = z.output<typeof AlertSeverity>;

/** What an alert is about: `{ kind: 'deployment', name: 'churn' }`. */
export const AlertSubject = z.object({ kind: z.string().min(1).max(50), name: z.string().min(1).max(200) });
export type AlertSubject = z.output<typeof AlertSubject>;

/** What speaks for it: figures by name, each in the unit that its name tells, and documents in the artifact store. */
export const AlertEvidence = z.object({
  figures: z.record(z.string().max(100), z.number()),
  refs: z.array(Ref).max(20),
});
export type AlertEvidence = z.output<typeof AlertEvidence>;

/** Something that a look found to be wrong; an alert follows from it (`alert-book.ts`). */
export const Finding = z.object({
  /** In PascalCase, as Prometheus names alerts: `DataDrift`. */
  name: z
    .string()
    .regex(/^[A-Z][A-Za-z0-9]*$/, 'not a name like DataDrift')
    .max(100),
  severity: AlertSeverity,
  subject: AlertSubject,
  /** One sentence that somebody understands who was asleep. */
  summary: z.string().min(1).max(500),
  evidence: AlertEvidence,
  /** What to do about it: the address of a page. */
  runbook: z
    .string()
    .regex(/^https?:\/\//, 'not an http address')
    .max(2_000)
    .optional(),
});
export type Finding = z.output<typeof Finding>;

const Raised = Finding.extend({
  project: z.string().min(1).max(100),
  /** What it is about, whenever it fires: the same while it goes on and when it comes back. See {@link fingerprintOf}. */
  fingerprint: z.string().max(500),
  /** This time that it fires: the fingerprint and when it began. */
  id: z.string().max(600),
  startedAt: z.iso.datetime(),
});

export const FiringAlert = Raised.extend({ status: z.literal('firing') });
export type FiringAlert = z.output<typeof FiringAlert>;

export const ResolvedAlert = Raised.extend({ status: z.literal('resolved'), endedAt: z.iso.datetime() });
export type ResolvedAlert = z.output<typeof ResolvedAlert>;

export const Alert = z.discriminatedUnion('status', [FiringAlert, ResolvedAlert]);
export type Alert = z.output<typeof Alert>;

/** What became of an alert: by sink, in the order of the project file. */
export const Delivery = z.object({
  sent: z.array(z.string()),
  /** Sinks that do not want alerts of this severity. */
  skipped: z.array(z.string()),
  /** Sinks that refused it for good, and why. */
  refused: z.array(z.object({ sink: z.string(), problem: z.string() })),
});
export type Delivery = z.output<typeof Delivery>;

/**
 * The identity of what a finding is about. The severity is part of it, as in Prometheus, where it is a label: a warning
 * that becomes critical is a second alert, and the first one closes.
 */
export function fingerprintOf(project: string, { name, severity, subject }: Finding): string {
  return [project, name, severity, subject.kind, subject.name].join('/');
}

/** Whether a severity is at least as urgent as another. */
export function isAtLeast(severity: AlertSeverity, least: AlertSeverity): boolean {
  return AlertSeverity.options.indexOf(severity) >= AlertSeverity.options.indexOf(least);
}
