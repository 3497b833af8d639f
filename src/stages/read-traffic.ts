/** The stage `readTraffic`: what an endpoint was asked, with the labels that came back, as a dataset. @module */
import { z } from 'zod';
import { columnsOf, type RowSchema } from '../contracts/columns.js';
import type { PoolName } from '../contracts/define-project.js';
import { defineStage, type StageContract, type StageLimits } from '../contracts/define-stage.js';
import type { JsonObjectSchema } from '../contracts/json-schema.js';
import { DatasetRef } from '../contracts/refs.js';
import { type ColumnName, columnName } from './column-name.js';

/** What `readTrafficStage` takes. */
export interface ReadTrafficOptions<
  Row extends RowSchema,
  Target extends ColumnName<Row>,
  Name extends string,
  Pool extends PoolName,
> {
  /** The rows of the dataset: inputs that the endpoint writes down, and the target. */
  readonly row: Row;
  /** The column that the labels are put into. */
  readonly target: Target;
  /** @default 'readTraffic' */
  readonly name?: Name;
  /** @default 'cpu' */
  readonly pool?: Pool;
  readonly limits?: Partial<StageLimits>;
}

const traffic = {
  /** Rows that have their labels: those of the dataset. */
  rows: z.int().nonnegative(),
  /** Rows that were answered, with labels and without. */
  answered: z.int().nonnegative(),
  /** From request to answer; null where nothing was answered. */
  latencyMs: z.object({ p50: z.number(), p95: z.number() }).nullable(),
  /** When the newest of the rows with labels was answered; null without any. */
  asOf: z.iso.datetime().nullable(),
};

/** What any contract that {@link readTrafficStage} makes gives its implementation. */
export interface ReadTrafficInput {
  readonly endpoint: string;
  readonly since?: string | undefined;
  readonly target: string;
  readonly orderBy: readonly string[];
}

/** Any contract that {@link readTrafficStage} makes. */
export interface ReadTrafficContract extends StageContract<
  string,
  z.ZodType<ReadTrafficInput & z.output<JsonObjectSchema>, z.input<JsonObjectSchema>>,
  z.ZodObject<typeof traffic & { readonly dataset: z.ZodNullable<z.ZodType<DatasetRef, DatasetRef>> }>,
  z.ZodNever,
  string,
  never
> {
  readonly row: RowSchema;
}

/**
 * A contract of the stage `readTraffic`; `readTraffic` of `trainyard/activities` implements it. Input: the endpoint, and
 * - `since`: rows that were answered later (ISO 8601; default all),
 * - `orderBy` (default: the row's timestamps): what looks at errors in the order of time needs one.
 *
 * Output: `dataset` with one split, `batch`; null where no row has its label yet. The endpoint's log policy must name the columns of `row`.
 * @example
 * export const readTraffic = readTrafficStage({ row: Flight, target: 'late' });
 * // in a look: const { dataset, rows, asOf } = await stages.readTraffic({ endpoint, since: cursor ?? undefined });
 */
export function readTrafficStage<
  Row extends RowSchema,
  const Target extends ColumnName<Row>,
  const Name extends string = 'readTraffic',
  const Pool extends PoolName = 'cpu',
>(options: ReadTrafficOptions<Row, Target, Name, Pool>) {
  const { row, target, limits } = options;
  // The names of the row's own columns.
  const times = columnsOf(row).flatMap(({ name, type }) => (type === 'timestamp' ? [name as ColumnName<Row>] : []));
  // A type argument that nobody gave is its default.
  const contract = defineStage(options.name ?? ('readTraffic' as Name), {
    pool: options.pool ?? ('cpu' as Pool),
    description: 'Reads what an endpoint was asked, with the labels that came back',
    input: z.object({
      endpoint: z.string(),
      since: z.iso.datetime().optional(),
      target: z.literal(target).default(target),
      orderBy: z.array(columnName(row)).default(times),
    }),
    output: z.object({ dataset: DatasetRef.of(row).nullable(), ...traffic }),
    limits,
  });
  return { ...contract, row };
}
