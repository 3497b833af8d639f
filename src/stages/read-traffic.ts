/** The stage `readTraffic`: what an endpoint was asked, with the labels that came back, as a dataset. @module */
import { z } from 'zod';
import { columnsOf, type RowSchema } from '../contracts/columns.js';
import type { PoolName } from '../contracts/define-project.js';
import { isDuration } from '../contracts/duration.js';
import { DatasetRef, ModelRef, Ref } from '../contracts/refs.js';
import { type ColumnName, columnName } from './column-name.js';
import { type StageFamily, standardStage, type TargetOptions } from './standard-stage.js';
import { scores, taskOf, type TaskOf } from './task.js';
import { unlabelled } from './unlabelled.js';

const quantiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });

/** What servers counted since the call before, of all requests that did not name a version, logged or not. */
export const RequestCounts = z.object({
  total: z.int().nonnegative(),
  /** Answered with a status from 400 on. */
  errors: z.int().nonnegative(),
  /** The share of errors, and its Wilson interval; null where nothing was asked. */
  errorRate: z.object({ rate: z.number(), lower: z.number(), upper: z.number(), confidence: z.number() }).nullable(),
  /** From request to answer, to 4.4 %; null where nothing was answered. */
  latencyMs: quantiles.nullable(),
  /** Of the first 1,000 answers since the revision that answers most was met; null before they are together. */
  usualLatencyMs: quantiles.nullable(),
});
export type RequestCounts = z.output<typeof RequestCounts>;

const traffic = {
  /** Rows that have got their labels: those of `dataset`. */
  rows: z.int().nonnegative(),
  /** Rows that were answered and logged, with labels and without: those of `asked`. */
  answered: z.int().nonnegative(),
  /** Rows that have got their labels, in this call and the calls before it. */
  labelled: z.int().nonnegative(),
  /** From request to answer, of the logged rows; null where there is none. */
  latencyMs: z.object({ p50: z.number(), p95: z.number() }).nullable(),
  /** When the newest of the rows with labels was answered, or its time by `timeColumn`; null without any. */
  asOf: z.iso.datetime().nullable(),
  requests: RequestCounts,
  /** How far this call has read: the next one goes on from there. */
  place: Ref,
};

/** What any contract that {@link readTrafficStage} makes gives its implementation. */
export interface ReadTrafficInput {
  readonly endpoint: string;
  readonly place?: Ref | undefined;
  readonly since?: string | undefined;
  readonly atLeast: number;
  readonly labelsWithin: string;
  readonly confidence: number;
  readonly target: string;
  readonly orderBy: readonly string[];
  readonly timeColumn?: string | undefined;
}

/** Any contract that {@link readTrafficStage} makes. */
export interface ReadTrafficContract extends StageFamily<
  ReadTrafficInput,
  z.ZodObject<
    typeof traffic & {
      readonly dataset: z.ZodNullable<z.ZodType<DatasetRef, DatasetRef>>;
      readonly asked: z.ZodNullable<z.ZodType<DatasetRef, DatasetRef>>;
      readonly model: z.ZodNullable<z.ZodType<ModelRef, ModelRef>>;
    }
  >
> {
  readonly row: RowSchema;
  /** The row without its target. */
  readonly asked: RowSchema;
}

/**
 * A contract of the stage `readTraffic`. Input: the endpoint, and
 * - `place`: what the call before returned. This call gives what is new since: rows, labels however late they come, counts of requests,
 * - `since`: without a place, rows that were answered later (ISO 8601; default all),
 * - `atLeast`: fewer rows than so many wait for the next call; so do labels (default 1),
 * - `labelsWithin`: a label that comes so long after its answer is not joined any more (default 7 days),
 * - `confidence` of the interval of the error rate (default 0.95),
 * - `orderBy` (default: the row's timestamps): what looks at errors in the order of time needs one,
 * - `timeColumn`: a timestamp of the row that `asOf` is told by, where rows are of another time than their answers (default: that of the answers).
 *
 * Output, with one split, `batch`, each: `dataset`, rows that got their labels, and `asked`, rows without the target, answered since; null where
 * there are none. `model`: the one that answers most by now; null where none answers, or one that does not fit `row`. The labels are put into
 * `target`; the endpoint's log policy must name the other columns of `row`.
 * @example
 * export const readTraffic = readTrafficStage({ row: Flight, target: 'late' });
 * // in a look: const { dataset, rows, place } = await stages.readTraffic({ endpoint, place: before ?? undefined });
 */
export function readTrafficStage<
  Row extends RowSchema,
  const Target extends ColumnName<Row>,
  const Name extends string = 'readTraffic',
  const Pool extends PoolName = 'cpu',
>(options: TargetOptions<Row, Target, Name, Pool>) {
  const { row, target } = options;
  // The names of the row's own columns.
  const times = columnsOf(row).flatMap(({ name, type }) => (type === 'timestamp' ? [name as ColumnName<Row>] : []));
  const asked = Object.fromEntries(Object.entries(row.shape).filter(([name]) => name !== target));
  const contract = standardStage({ name: 'readTraffic', pool: 'cpu' }, options, {
    description: 'Reads what an endpoint was asked, with the labels that came back',
    input: z.object({
      endpoint: z.string(),
      place: Ref.optional(),
      since: z.iso.datetime().optional(),
      atLeast: z.int().positive().default(1),
      labelsWithin: z.string().refine(isDuration, 'no span like "7 days"').default('7 days'),
      confidence: z.number().gt(0).lt(1).default(0.95),
      target: z.literal(target).default(target),
      orderBy: z.array(columnName(row)).default(times),
      timeColumn: columnName(row).optional(),
    }),
    output: z.object({
      dataset: DatasetRef.of(row).nullable(),
      asked: unlabelled(row, target).nullable(),
      model: modelOf(row, target).nullable(),
      ...traffic,
    }),
  });
  return { ...contract, row, asked: z.object(asked) };
}

type AnswersOf<Row extends RowSchema, Target extends ColumnName<Row>> = z.output<(typeof scores)[TaskOf<Row, Target>]>;

/** Of a target that no standard stage scores, a model of any answers. */
function modelOf<Row extends RowSchema, Target extends ColumnName<Row>>(row: Row, target: Target) {
  const type = columnsOf(row).find(({ name }) => name === target)?.type;
  const isScored = type === 'boolean' || type === 'number' || type === 'integer';
  const output = isScored ? scores[taskOf(row, target)] : z.object({});
  // What it answers is known by the task alone, which cannot be resolved while Row is open.
  return ModelRef.of({ input: row, output }) as unknown as z.ZodType<
    ModelRef<z.output<Row>, AnswersOf<Row, Target>>,
    ModelRef<z.output<Row>, AnswersOf<Row, Target>>
  >;
}
