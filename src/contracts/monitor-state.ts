/** Where a monitor stands, and what changes it: what its heads keep. @module */
import { z } from 'zod';
import { AlertBook } from './alert-book.js';
import { Alert } from './alerts.js';
import { LookOutcome } from './monitor-looks.js';
import { Ref, ReportRef } from './refs.js';

/** The policy of a monitor, as its head keeps it. */
export const MonitorPolicy = z.object({
  /** The Workflow type of its looks. */
  workflow: z.string().max(63),
  endpoint: z.string().max(100),
  everyMs: z.int().positive(),
  /** So many looks in a row must find nothing before an alert is closed. */
  closeAfter: z.int().positive().max(100),
  /** The retraining loop that hears of drift and of labels. */
  loop: z.string().max(100).optional(),
  settings: z.record(z.string().max(60), z.json()),
});
export type MonitorPolicy = z.output<typeof MonitorPolicy>;

/** A look that has ended. */
export const PastLook = z.object({
  look: z.int().positive(),
  at: z.iso.datetime(),
  /** Names of what it found: `DataDrift`. */
  found: z.array(z.string()),
  figures: z.record(z.string(), z.number()),
  report: ReportRef.of(z.unknown()).optional(),
  /** Why it failed, where it did. */
  failure: z.string().optional(),
});
export type PastLook = z.output<typeof PastLook>;

/** The state of a monitor. */
export const MonitorState = z.object({
  policy: MonitorPolicy.nullable(),
  paused: z.object({ why: z.string(), at: z.iso.datetime() }).nullable(),
  looks: z.int().nonnegative(),
  running: z.object({ look: z.int().positive(), at: z.iso.datetime() }).nullable(),
  /** When the next look is due, null before it is declared. */
  nextAt: z.iso.datetime().nullable(),
  cursor: z.iso.datetime().nullable(),
  detectors: Ref.nullable(),
  place: Ref.nullable().default(null),
  /** Alerts that fire. */
  book: AlertBook,
  /** Alerts that were raised or closed and are still to be sent. */
  outbox: z.array(Alert),
  /** What the retraining loop is still to hear. */
  news: z.object({ labels: LookOutcome.shape.labels, drift: z.string().optional() }).nullable(),
  /** The newest, oldest first: all of them are in the heads. */
  past: z.array(PastLook),
});
export type MonitorState = z.output<typeof MonitorState>;

/** A wish to change a monitor. `begin`, `end` and `told` are its own. */
export const MonitorChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('declare'), policy: MonitorPolicy }),
  z.object({ kind: z.literal('pause'), why: z.string().min(1).max(300) }),
  z.object({ kind: z.literal('resume') }),
  /** A look now, before the clock asks for one. */
  z.object({ kind: z.literal('look') }),
  z.object({ kind: z.literal('begin') }),
  z.object({
    kind: z.literal('end'),
    look: z.int().positive(),
    /** The project that its alerts name. */
    project: z.string(),
    end: z.union([LookOutcome, z.object({ failure: z.string().max(500) })]),
  }),
  /** Alerts were sent, and the loop was told. */
  z.object({ kind: z.literal('told') }),
]);
export type MonitorChange = z.output<typeof MonitorChange>;

/** What a change answers. */
export const MonitorAnswer = z.object({
  /** The look that goes on or was the last one; 0 before the first. */
  look: z.int().nonnegative(),
  /** Alerts that fire. */
  firing: z.int().nonnegative(),
});
export type MonitorAnswer = z.output<typeof MonitorAnswer>;
