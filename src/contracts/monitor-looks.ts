/** A look of a monitor at what a deployment has answered: what it is given, and what it finds. @module */
import { z } from 'zod';
import { Finding } from './alerts.js';
import { Ref, ReportRef } from './refs.js';

/** What a look is given. */
export const MonitorLook = z.object({
  monitor: z.string(),
  /** 1, 2, … */
  look: z.int().positive(),
  endpoint: z.string(),
  at: z.iso.datetime(),
  /** Requests and labels until here have been looked at; null in the first look. */
  cursor: z.iso.datetime().nullable(),
  /** What the detectors of the look before knew: they go on from there. */
  detectors: Ref.nullable(),
  /** What the look before left as its `place`: how far it has read. */
  place: Ref.nullable(),
  /** As the monitor was declared with them. */
  settings: z.record(z.string(), z.json()),
});
export type MonitorLook = z.output<typeof MonitorLook>;

/** What a look ends with. */
export const LookOutcome = z.object({
  /** All that is wrong now: alerts follow from it. */
  findings: z.array(Finding).max(20),
  /** Names of findings that there was too little to look for: their alerts stay as they are. */
  unseen: z.array(Finding.shape.name).max(20).optional(),
  /** Requests and labels until here have been looked at. */
  cursor: z.iso.datetime(),
  /** What the detectors know by now. */
  detectors: Ref.optional(),
  /** How far this look has read: the next one goes on from there. */
  place: Ref.optional(),
  /** Rows that have got their labels so far, in all, and until when. */
  labels: z.object({ rows: z.int().nonnegative(), asOf: z.iso.datetime() }).optional(),
  /** A few numbers for people: `{ auc: 0.74, psi: 5.2 }`. */
  figures: z.record(z.string().max(60), z.number()).default({}),
  report: ReportRef.of(z.unknown()).optional(),
});
export type LookOutcome = z.output<typeof LookOutcome>;
