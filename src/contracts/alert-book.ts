/** The life of alerts over many looks: raised once, kept while they go on, closed after enough clean looks. @module */
import { z } from 'zod';
import { type Finding, fingerprintOf, FiringAlert, type ResolvedAlert } from './alerts.js';

/** An alert that fires, and how many looks in a row have not found it. */
export const OpenAlert = z.object({ alert: FiringAlert, cleanLooks: z.int().nonnegative() });
export type OpenAlert = z.output<typeof OpenAlert>;

/** All alerts that fire: what an entity carries from look to look. */
export const AlertBook = z.array(OpenAlert);
export type AlertBook = z.output<typeof AlertBook>;

/** What a look changed. */
export interface LookOutcome {
  readonly book: AlertBook;
  /** To be sent now. */
  readonly raised: readonly FiringAlert[];
  /** Went on, with what this look found; a sink need not hear of them again. */
  readonly kept: readonly FiringAlert[];
  /** To be sent now. */
  readonly closed: readonly ResolvedAlert[];
}

/**
 * Takes in what a look found. A pure function, the same in a workflow, on replay and beside an engine.
 * @param findings all that is wrong now; of two with the same fingerprint the last one counts
 * @param options.at when the look was, ISO 8601
 * @param options.unseen names of findings that the look could not look for: their alerts stay as they are. @default none
 * @param options.closeAfter so many looks in a row must have been clean, 1 or more: what comes and goes is one alert
 */
export function takeLook(
  book: AlertBook,
  findings: readonly Finding[],
  options: {
    readonly project: string;
    readonly at: string;
    readonly closeAfter: number;
    readonly unseen?: readonly string[];
  },
): LookOutcome {
  const { project, at, closeAfter, unseen = [] } = options;
  const found = new Map(findings.map((finding) => [fingerprintOf(project, finding), finding]));
  const open = new Set(book.map(({ alert }) => alert.fingerprint));
  const kept: FiringAlert[] = [];
  const closed: ResolvedAlert[] = [];
  const next: AlertBook = [];
  for (const { alert, cleanLooks } of book) {
    const finding = found.get(alert.fingerprint);
    if (finding !== undefined) {
      const seen = { ...alert, ...finding };
      kept.push(seen);
      next.push({ alert: seen, cleanLooks: 0 });
    } else if (unseen.includes(alert.name)) next.push({ alert, cleanLooks });
    else if (cleanLooks + 1 < closeAfter) next.push({ alert, cleanLooks: cleanLooks + 1 });
    else closed.push({ ...alert, status: 'resolved', endedAt: at });
  }
  const raised = [...found]
    .filter(([fingerprint]) => !open.has(fingerprint))
    .map(([fingerprint, finding]): FiringAlert => {
      return { ...finding, project, fingerprint, id: `${fingerprint}@${at}`, startedAt: at, status: 'firing' };
    });
  next.push(...raised.map((alert) => ({ alert, cleanLooks: 0 })));
  return { book: next, raised, kept, closed };
}
