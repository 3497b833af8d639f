/** What the registry keeps of a version of a model: refs and digests, never bytes. @module */
import { z } from 'zod';
import { Column } from './columns.js';
import { type DatasetRef, type ModelRef, Ref, type ReportRef, Sha256 } from './refs.js';

/** The nine sections of a model card, in order: Mitchell et al., Model Cards for Model Reporting (FAT* 2019), figure 1. */
export const cardSections = [
  'modelDetails',
  'intendedUse',
  'factors',
  'metrics',
  'evaluationData',
  'trainingData',
  'quantitativeAnalyses',
  'ethicalConsiderations',
  'caveats',
] as const;
export const CardSection = z.enum(cardSections);
export type CardSection = z.output<typeof CardSection>;

const shortName = z.string().min(1).max(100);
/** One parameter of a training. */
export const ParameterValue = z.union([z.number(), z.string().max(500), z.boolean(), z.null()]);
export type ParameterValue = z.output<typeof ParameterValue>;

/** How long a model takes to answer, milliseconds; measured by whoever says so. */
export const Latency = z.object({
  p50: z.number().nonnegative(),
  p95: z.number().nonnegative().optional(),
  p99: z.number().nonnegative().optional(),
});
export type Latency = z.output<typeof Latency>;

/** A dataset by its digest. With its uri and size it is a ref, and garbage collections keep it. */
export const DatasetMark = z.object({
  sha256: Sha256,
  uri: z.string().optional(),
  sizeBytes: z.int().nonnegative().optional(),
  rows: z.int().nonnegative().optional(),
  splits: z.record(z.string(), z.int().nonnegative()).optional(),
});
export type DatasetMark = z.output<typeof DatasetMark>;

const metrics = z.record(shortName, z.number());
const tag = z.string().max(500);

/** A version as it was registered. */
export const ModelVersion = z.object({
  /** Of the model's manifest, or of whatever a trainer made. */
  model: Ref.extend({ kind: z.literal('model').optional() }),
  /** Columns that it must be given, and those that it answers with. */
  signature: z.object({ inputs: z.array(Column), outputs: z.array(Column) }).optional(),
  /** Of all its files. @default what its manifest says */
  sizeBytes: z.int().nonnegative().optional(),
  report: Ref.optional(),
  /** Headline figures of the report, by name. */
  metrics: metrics.default({}),
  /** By their part: `train`, `test`. */
  datasets: z.record(shortName, DatasetMark).default({}),
  /** That made it. */
  run: z.object({ workflowId: z.string(), runId: z.string(), pipeline: z.string().optional() }).optional(),
  parameters: z.record(shortName, ParameterValue).default({}),
  latencyMs: Latency.optional(),
  /** SPDX identifier: `Apache-2.0`. */
  licence: z.string().max(100).optional(),
  /** Sections of the card that its authors wrote, in Markdown. */
  card: z.partialRecord(CardSection, z.string().max(10_000)).default({}),
  tags: z.record(shortName, tag).default({}),
});
export type ModelVersion = z.output<typeof ModelVersion>;

/** What may be said of a version later; null takes a section or a tag away. */
export const Annotation = z.object({
  card: z.partialRecord(CardSection, z.string().max(10_000).nullable()).optional(),
  tags: z.record(shortName, tag.nullable()).optional(),
  metrics: metrics.optional(),
  latencyMs: Latency.optional(),
  licence: z.string().max(100).optional(),
});
export type Annotation = z.output<typeof Annotation>;

/** What {@link modelVersionOf} takes of an evaluation. */
export interface EvaluationOfModel {
  readonly report: Ref | ReportRef;
  readonly rows: number;
  readonly latencyMs?: Latency | undefined;
}

/** A version to be registered, with refs as stages give them. */
export interface NewModelVersion extends Omit<
  z.input<typeof ModelVersion>,
  'model' | 'report' | 'datasets' | 'signature'
> {
  readonly model: Ref | ModelRef;
  readonly report?: Ref | ReportRef;
  readonly datasets?: Readonly<Record<string, DatasetMark | DatasetRef>>;
  /** What the stage `evaluate` gave: its report, its figures and its latency are the version's, unless they are said apart. */
  readonly evaluation?: EvaluationOfModel;
  /** @default that of the model's ref */
  readonly signature?: ModelVersion['signature'];
}

/** The version that is registered for refs, not yet checked: a model's columns are its signature. */
export function modelVersionOf({ model, evaluation, ...rest }: NewModelVersion): z.input<typeof ModelVersion> {
  const signature = 'inputs' in model ? { inputs: model.inputs, outputs: model.outputs } : undefined;
  const { uri, sha256, sizeBytes } = model;
  const kind = signature && ('model' as const);
  return { signature, ...(evaluation && evaluated(evaluation)), ...rest, model: { uri, sha256, sizeBytes, kind } };
}

/** All its numbers but the count of rows are figures. */
function evaluated({ report, rows: _rows, latencyMs, ...figures }: EvaluationOfModel) {
  const numbers = Object.entries<unknown>(figures).filter(([, value]) => typeof value === 'number');
  return { report, metrics: Object.fromEntries(numbers) as Record<string, number>, latencyMs };
}

/** A version with what was said of it later, in order. */
export function annotated(version: ModelVersion, annotations: readonly Annotation[]): ModelVersion {
  return annotations.reduce<ModelVersion>(
    (before, { card, tags, metrics: measured, ...rest }) => ({
      ...before,
      ...rest,
      card: merged(before.card, card),
      tags: merged(before.tags, tags),
      metrics: { ...before.metrics, ...measured },
    }),
    version,
  );
}

function merged<Key extends string, Value>(
  before: Partial<Record<Key, Value>>,
  later: Partial<Record<Key, Value | null>> = {},
): Record<Key, Value> {
  const entries = Object.entries<Value | null | undefined>({ ...before, ...later });
  // The keys are those of both.
  return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== undefined)) as Record<Key, Value>;
}
