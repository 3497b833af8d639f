/** How right answers were, once their labels are known: of classes how many, of numbers how far off. @module */
import type { RolloutLimits } from '../contracts/rollouts.js';
import type { LabelledRow } from '../records/request-log.js';
import type { Share } from '../statistics/two-proportions.js';

/** A row that was answered, and what was true of it. */
export type AnsweredRow = Pick<LabelledRow, 'outputs' | 'label'>;

/** Of one revision; one of both is empty. */
export interface Rightness {
  /** Rows of classes, and how many were answered right. */
  readonly right: Share;
  /** How far off each answer was, where they are numbers. */
  readonly offBy: readonly number[];
}

/** A row that was answered by one revision and listened to by another. */
export interface PairedRow extends AnsweredRow {
  readonly listened: AnsweredRow['outputs'];
}

/** Of two revisions on the same rows: how many just one did better, of how many. */
export interface Paired {
  readonly before: number;
  readonly after: number;
  readonly size: number;
}

/** {@link Rightness} of both on the same rows: which alone was right, which was closer. */
export interface PairedRightness {
  readonly right: Paired;
  readonly closer: Paired;
}

/** What answers and labels are; where nobody says so, numbers unless every label is 0, 1, true or false. */
export function meaningOf(
  rows: readonly AnsweredRow[],
  labels: RolloutLimits['labels'],
): 'probability' | 'class' | 'number' {
  if (labels !== undefined) return labels;
  return rows.every(({ label }) => numberOf(label) === 0 || numberOf(label) === 1) ? 'probability' : 'number';
}

/**
 * The first output counts. A vector, logged as `name_0`, `name_1` …, is an answer in classes: its largest part names the class. A number is the
 * probability of 1, a class, or a quantity, as `meaning` says. Rows without an answer, or whose label is none of these, are left out.
 */
export function rightness(rows: readonly AnsweredRow[], meaning: ReturnType<typeof meaningOf>): Rightness {
  const judged = rows.flatMap((row) => judgedRow(row, meaning) ?? []);
  const right = judged.filter((one) => one.kind === 'class');
  return {
    right: { hits: right.filter(({ offBy }) => offBy === 0).length, size: right.length },
    offBy: judged.flatMap(({ kind, offBy }) => (kind === 'number' ? [offBy] : [])),
  };
}

/** The same of rows that both revisions ran. Rows of which one gave no answer are left out. */
export function pairedRightness(rows: readonly PairedRow[], meaning: ReturnType<typeof meaningOf>): PairedRightness {
  const sums = { class: { before: 0, after: 0, size: 0 }, number: { before: 0, after: 0, size: 0 } };
  for (const row of rows) {
    const before = judgedRow(row, meaning);
    const after = judgedRow({ ...row, outputs: row.listened }, meaning);
    if (!before || before.kind !== after?.kind) continue;
    const sum = sums[before.kind];
    sum.size++;
    if (before.offBy < after.offBy) sum.before++;
    if (after.offBy < before.offBy) sum.after++;
  }
  return { right: sums.class, closer: sums.number };
}

/** How far off a row's answer is: of a class 0 or 1. */
function judgedRow(
  { outputs, label }: AnsweredRow,
  meaning: ReturnType<typeof meaningOf>,
): { readonly kind: 'class' | 'number'; readonly offBy: number } | undefined {
  const truth = numberOf(label);
  // Revisions that name their outputs differently leave each other's columns empty.
  const [name = '', answer] = Object.entries(outputs).find(([, value]) => value !== null) ?? [];
  if (truth === undefined || answer === null || answer === undefined) return undefined;
  const parts = vectorOf(outputs, name);
  if (parts.length < 2 && meaning === 'number') return { kind: 'number', offBy: Math.abs(answer - truth) };
  const most = parts.length < 2 ? undefined : parts.indexOf(Math.max(...parts));
  if (meaning === 'probability' && most === undefined && truth !== 0 && truth !== 1) return undefined;
  const given = most ?? (meaning === 'class' ? answer : Number(answer >= 0.5));
  return { kind: 'class', offBy: Number(given !== truth) };
}

function numberOf(label: AnsweredRow['label']): number | undefined {
  return typeof label === 'string' ? undefined : Number(label);
}

/** The parts of the vector that begins with `<name>_0`. */
function vectorOf(outputs: AnsweredRow['outputs'], first: string): number[] {
  const parts: number[] = [];
  if (!first.endsWith('_0')) return parts;
  const base = first.slice(0, -1);
  for (let at = 0; ; at++) {
    const part = outputs[`${base}${at}`];
    if (part === undefined || part === null) return parts;
    parts.push(part);
  }
}
