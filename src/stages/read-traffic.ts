/** The stage `readTraffic`: what an endpoint was asked, with the labels that came back, as a dataset. @module */
import { z } from 'zod';
import { columnsOf, type RowSchema } from '../contracts/columns.js';
import type { PoolName } from '../contracts/define-project.js';
import { DatasetRef } from '../contracts/refs.js';
import { type ColumnName, columnName } from './column-name.js';
import { type StageFamily, standardStage, type TargetOptions } from './standard-stage.js';

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
export interface ReadTrafficContract extends StageFamily<
  ReadTrafficInput,
  z.ZodObject<typeof traffic & { readonly dataset: z.ZodNullable<z.ZodType<DatasetRef, DatasetRef>> }>
> {
  readonly row: RowSchema;
}

/**
 * A contract of the stage `readTraffic`; `readTraffic` of `trainyard/activities` implements it. Input: the endpoint, and
 * - `since`: rows that were answered later (ISO 8601; default all),
 * - `orderBy` (default: the row's timestamps): what looks at errors in the order of time needs one.
 *
 * Output: `dataset` with one split, `batch`; null where no row has its label yet. The labels are put into `target`; the endpoint's log policy must name
 * the other columns of `row`.
 * @example
 * export const readTraffic = readTrafficStage({ row: Flight, target: 'late' });
 * // in a look: const { dataset, rows, asOf } = await stages.readTraffic({ endpoint, since: cursor ?? undefined });
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
  const contract = standardStage({ name: 'readTraffic', pool: 'cpu' }, options, {
    description: 'Reads what an endpoint was asked, with the labels that came back',
    input: z.object({
      endpoint: z.string(),
      since: z.iso.datetime().optional(),
      target: z.literal(target).default(target),
      orderBy: z.array(columnName(row)).default(times),
    }),
    output: z.object({ dataset: DatasetRef.of(row).nullable(), ...traffic }),
  });
  return { ...contract, row };
}
