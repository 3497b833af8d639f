/** What a model card says, whatever it is written in: the sections of Mitchell et al. 2019, filled with what the registry and the report know. @module */
import { readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { type CardSection, cardSections, type DatasetMark } from '../contracts/model-version.js';
import { z } from 'zod';
import { ClassificationReport, RegressionReport } from '../stages/evaluation-report.js';
import type { VersionFacts } from './version-facts.js';
import { actorWords, columnWords, dateOf, figure } from './words.js';

/** Something that a section tells. */
export type CardFact =
  | { readonly kind: 'list'; readonly items: readonly (readonly [string, string])[] }
  | { readonly kind: 'table'; readonly header: readonly string[]; readonly rows: readonly (readonly string[])[] };

/** One of the nine sections. */
export interface CardPart {
  readonly section: CardSection;
  readonly heading: string;
  readonly facts: readonly CardFact[];
  /** What the authors wrote in the registry, in Markdown. */
  readonly own: string | undefined;
}

/** A card. `metadata` has the names of Hugging Face's model cards. */
export interface ModelCard {
  readonly title: string;
  readonly metadata: Readonly<Record<string, z.core.util.JSONType>>;
  readonly parts: readonly CardPart[];
}

const headings: Readonly<Record<CardSection, string>> = {
  modelDetails: 'Model Details',
  intendedUse: 'Intended Use',
  factors: 'Factors',
  metrics: 'Metrics',
  evaluationData: 'Evaluation Data',
  trainingData: 'Training Data',
  quantitativeAnalyses: 'Quantitative Analyses',
  ethicalConsiderations: 'Ethical Considerations',
  caveats: 'Caveats and Recommendations',
};

/** The card of a version; slices come from its evaluation report where the store has it. */
export async function modelCardOf(store: ArtifactStore, facts: VersionFacts): Promise<ModelCard> {
  const report = await reportOf(store, facts);
  const filled: Partial<Record<CardSection, CardFact[]>> = {
    modelDetails: [
      list(detailsOf(facts)),
      list(Object.entries(facts.parameters).map(([name, value]) => [name, figure(value)])),
    ],
    metrics: [list(metricsOf(facts))],
    evaluationData: [list(datasetsOf(facts, false)), list(evaluatedOn(facts, report))],
    trainingData: [list(datasetsOf(facts, true))],
    quantitativeAnalyses: report ? [slicesOf(report)] : [],
  };
  return {
    title: `${facts.model}, version ${facts.version}`,
    metadata: metadataOf(facts, report),
    parts: cardSections.map((section) => ({
      section,
      heading: headings[section],
      facts: (filled[section] ?? []).filter((fact) => (fact.kind === 'list' ? fact.items : fact.rows).length > 0),
      own: facts.details.card[section],
    })),
  };
}

type Report = ClassificationReport | RegressionReport;

async function reportOf(store: ArtifactStore, { details: { report } }: VersionFacts): Promise<Report | undefined> {
  if (report === undefined) return undefined;
  try {
    return await readJson(store, report, z.union([ClassificationReport, RegressionReport]));
  } catch (error) {
    if (error instanceof TrainyardError && !error.retried) return undefined; // gone, or of a stage of the project's own
    throw error;
  }
}

function list(items: readonly (readonly [string, string | undefined])[]): CardFact {
  const known = items.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return { kind: 'list', items: known };
}

function detailsOf({ model, version, details, registered, aliases, archived, sizeBytes }: VersionFacts) {
  const { run, signature, licence, tags } = details;
  return [
    ['Model', `${model}, version ${version}${archived ? ' (archived)' : ''}`],
    ['Aliases', aliases.length > 0 ? aliases.join(', ') : undefined],
    ['Digest', `sha256:${details.model.sha256}`],
    ['Size', `${figure(sizeBytes)} bytes`],
    ['Registered', `${dateOf(registered.at)} by ${actorWords(registered.by)}: ${registered.reason}`],
    ['Run', run && `${run.workflowId} (run id ${run.runId})`],
    ['Licence', licence],
    ['Input', signature && columnWords(signature.inputs)],
    ['Output', signature && columnWords(signature.outputs)],
    ...Object.entries(tags),
  ] as const;
}

function metricsOf({ details: { metrics, latencyMs } }: VersionFacts): [string, string][] {
  const latency = Object.entries(latencyMs ?? {}).map(([name, value]) => [`latency ${name}`, `${figure(value)} ms`]);
  return [...Object.entries(metrics).map(([name, value]) => [name, figure(value)]), ...latency] as [string, string][];
}

const training = /train|fit/i;

function datasetsOf({ datasets }: VersionFacts, ofTraining: boolean): [string, string][] {
  return Object.entries(datasets)
    .filter(([part]) => training.test(part) === ofTraining)
    .map(([part, mark]) => [part, datasetWords(mark)]);
}

function datasetWords({ sha256, rows, splits = {} }: DatasetMark): string {
  const parts = Object.entries(splits).map(([name, count]) => `${name} ${figure(count)}`);
  const split = parts.length > 0 ? ` (${parts.join(', ')})` : '';
  return `sha256:${sha256}${rows === undefined ? '' : `, ${figure(rows)} rows`}${split}`;
}

function evaluatedOn({ details }: VersionFacts, report: Report | undefined) {
  return [
    ['Report', details.report && `sha256:${details.report.sha256}`],
    [
      'Evaluated on',
      report && `split ${report.split} of dataset sha256:${report.dataset}, ${figure(report.metrics.rows)} rows`,
    ],
    ['Target', report?.target],
  ] as const;
}

const mostSlices = 20;

/** The largest slices, with what the same report says of all rows. */
function slicesOf(report: Report): CardFact {
  const names =
    report.task === 'classification' ? (['auc', 'logLoss', 'accuracy'] as const) : (['rmse', 'mae', 'r2'] as const);
  const cells = (metrics: object) =>
    names.map((name) => figure((metrics as Record<string, number | null>)[name] ?? null)); // their schemas have them
  const slices = report.slices.toSorted((a, b) => b.rows - a.rows).slice(0, mostSlices);
  return {
    kind: 'table',
    header: ['rows of', 'rows', ...names],
    rows: [
      ['all', figure(report.metrics.rows), ...cells(report.metrics)],
      ...slices.map((slice) => [`${slice.column}: ${slice.value}`, figure(slice.rows), ...cells(slice)]),
    ],
  };
}

function metadataOf({ model, details }: VersionFacts, report: Report | undefined): ModelCard['metadata'] {
  const { licence, tags, metrics, datasets, signature } = details;
  const task = report ? `tabular-${report.task}` : signature ? 'tabular-classification' : 'other';
  const [dataset] = Object.values(datasets);
  const measured = Object.entries(metrics).map(([type, value]) => ({ type, value }));
  const results = [
    {
      task: { type: task },
      dataset: { type: 'private', name: `sha256:${report?.dataset ?? dataset?.sha256 ?? 'unknown'}` },
      metrics: measured,
    },
  ];
  return {
    ...(licence !== undefined && { license: licence.toLowerCase() }),
    library_name: 'onnx',
    pipeline_tag: task,
    tags: ['trainyard', ...Object.entries(tags).map(([name, value]) => `${name}:${value}`)],
    datasets: Object.values(datasets).map(({ sha256 }) => `sha256:${sha256}`),
    metrics: Object.keys(metrics),
    ...(measured.length > 0 && { 'model-index': [{ name: model, results }] }),
  };
}
