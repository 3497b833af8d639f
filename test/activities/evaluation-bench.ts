/** Runs `evaluate` and `monitor` on real tables in a real store, and keeps what they track. @module */
import type { z } from 'zod';
import type { StageImplementation } from '../../src/activity/implement-stage.js';
import { readJson } from '../../src/artifacts/json.js';
import type { Track } from '../../src/context/stage-context.js';
import { columnsOf, type RowSchema } from '../../src/contracts/columns.js';
import type { StageContract, StageInput, StageOutput } from '../../src/contracts/define-stage.js';
import type { DatasetRef, Ref } from '../../src/contracts/refs.js';
import { makeDataset } from '../data/make-dataset.js';
import type { TableBench } from './table-context.js';

/** What a stage tracked. */
export interface Tracked {
  readonly metrics: Record<string, number>;
  readonly figures: Record<string, unknown>;
}

/** Gives a dataset of `row` with a split for each SELECT; columns in `without` are left out of its schema. */
export function datasetOf<Row extends RowSchema>(
  { store }: TableBench,
  row: Row,
  selects: Readonly<Record<string, string>>,
  without: readonly string[] = [],
): Promise<DatasetRef<z.output<Row>>> {
  const columns = columnsOf(row).filter(({ name }) => !without.includes(name));
  return makeDataset(
    store,
    columns,
    Object.entries(selects).map(([split, select]) => ({ split, select })),
  );
}

/** One attempt of a stage: input and output pass the contract, as they do in a worker. */
export async function attempt<Contract extends StageContract>(
  bench: TableBench,
  stage: StageImplementation<Contract>,
  input: StageInput<Contract>,
  signal?: AbortSignal,
): Promise<{ output: StageOutput<Contract>; tracked: Tracked }> {
  const tracked: Tracked = { metrics: {}, figures: {} };
  const track: Partial<Track> = {
    metrics: (values) => {
      Object.assign(tracked.metrics, values);
    },
    figure: async (name, figure) => {
      tracked.figures[name] = figure;
      return bench.store.put(new TextEncoder().encode(JSON.stringify(figure)));
    },
  };
  if (stage.code.kind !== 'handler') throw new Error(`${stage.contract.name} runs in the worker`);
  const context = { ...bench.context(stage.contract.input.parse(input), signal), track };
  // These stages use no other part of a context.
  const output: unknown = await stage.code.run(context as unknown as Parameters<typeof stage.code.run>[0]);
  return { output: stage.contract.output.parse(output) as StageOutput<Contract>, tracked };
}

/** The report behind a stage's output, which must match its schema. */
export function reportOf<Report>(
  bench: TableBench,
  ref: z.output<typeof Ref>,
  schema: z.ZodType<Report>,
): Promise<Report> {
  return readJson(bench.store, ref, schema);
}
