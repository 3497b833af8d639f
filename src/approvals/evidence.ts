/** What a decider is shown, put in order: numbers side by side, reports of evaluations, and what is named by its digest. @module */
import { z } from 'zod';
import { readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { messageOf } from '../contracts/errors.js';
import { Ref } from '../contracts/refs.js';
import { ClassificationReport, RegressionReport } from '../stages/evaluation-report.js';

/** An evaluation of a model. */
export type EvaluationReport = ClassificationReport | RegressionReport;

/** A number of the evidence, with those of the champion and of the baseline that bear the same name. */
export interface Figure {
  readonly name: string;
  readonly value: number | undefined;
  readonly champion: number | undefined;
  readonly baseline: number | undefined;
}

/** An artifact that the evidence names. */
export interface NamedArtifact {
  readonly path: string;
  readonly kind: string;
  readonly ref: Ref;
}

/** The evidence of an approval, as the page shows it. */
export interface ShownEvidence {
  readonly figures: readonly Figure[];
  /** Text and other plain values of the evidence. */
  readonly words: readonly (readonly [name: string, value: string])[];
  readonly report: EvaluationReport | undefined;
  readonly champion: EvaluationReport | undefined;
  readonly artifacts: readonly NamedArtifact[];
  /** What could not be shown. */
  readonly problems: readonly string[];
}

const AnyReport = z.union([ClassificationReport, RegressionReport]);

/** Larger reports are no reading matter. */
const largestReportBytes = 4 * 1_048_576;

/**
 * Puts evidence in order. Reports whose name has `champion` in it (`championReport`, or `report` within `champion`) are those of the model that
 * is to be replaced; numbers called `championAuc` and `baselineAuc` stand beside `auc`.
 */
export async function shownEvidence(store: ArtifactStore, evidence: unknown): Promise<ShownEvidence> {
  const artifacts = [...artifactsIn(evidence)];
  const problems: string[] = [];
  const reports = artifacts.filter(({ kind }) => kind === 'report');
  const read = async (isChampion: boolean) => {
    for (const { path, ref } of reports.filter((one) => isOfChampion(one.path) === isChampion)) {
      try {
        if (ref.sizeBytes > largestReportBytes) throw new Error(`it has ${ref.sizeBytes} bytes`);
        const report = AnyReport.safeParse(await readJson(store, ref, z.json()));
        if (report.success) return report.data;
      } catch (error) {
        problems.push(`${path} cannot be shown: ${messageOf(error)}`);
      }
    }
    return undefined;
  };
  const [report, champion] = [await read(false), await read(true)];
  return { ...plainValues(evidence), report, champion, artifacts, problems };
}

function* artifactsIn(value: unknown, path: readonly string[] = []): Generator<NamedArtifact> {
  if (typeof value !== 'object' || value === null) return;
  const ref = Ref.safeParse(value);
  if (ref.success) {
    const kind = z.object({ kind: z.string() }).safeParse(value);
    yield { path: path.join('.'), kind: kind.data?.kind ?? 'artifact', ref: ref.data };
    return;
  }
  for (const [key, inner] of Object.entries(value)) yield* artifactsIn(inner, [...path, key]);
}

function isOfChampion(path: string): boolean {
  return /champion/i.test(path);
}

function plainValues(evidence: unknown): Pick<ShownEvidence, 'figures' | 'words'> {
  const figures = new Map<string, { value?: number; champion?: number; baseline?: number }>();
  const words: [string, string][] = [];
  const collect = (value: unknown, path: readonly string[]) => {
    const [key = ''] = path.slice(-1);
    if (typeof value === 'number') {
      const [, other, rest] = /^(champion|baseline)([A-Z].*)$/.exec(key) ?? [];
      const column = other ?? (path.length > 1 && /^(champion|baseline)$/.test(path[0] ?? '') ? path[0] : 'value');
      const name = rest === undefined ? key : `${rest.charAt(0).toLowerCase()}${rest.slice(1)}`;
      figures.set(name, { ...figures.get(name), [column ?? 'value']: value });
    } else if (typeof value === 'string' || typeof value === 'boolean')
      words.push([path.join('.') || 'evidence', String(value)]);
    else if (typeof value === 'object' && value !== null && !Ref.safeParse(value).success)
      for (const [inner, one] of Object.entries(value)) collect(one, [...path, inner]);
  };
  collect(evidence, []);
  return {
    figures: [...figures].map(([name, { value, champion, baseline }]) => ({ name, value, champion, baseline })),
    words,
  };
}
