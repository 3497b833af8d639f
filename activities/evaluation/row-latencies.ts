/** How long models take for a single row, measured side by side. @module */
import { setImmediate } from 'node:timers/promises';
import type { StageContext } from '../../src/context/stage-context.js';
import type { ModelRef } from '../../src/contracts/refs.js';
import { quantile } from '../../src/statistics/samples.js';
import { openScorer, type Scorer } from '../../src/training/scorer.js';
import { RowReader, type Rows, type Split } from './row-reader.js';

/** Rows that are asked one by one: enough for a median, a blink in time. */
const askedRows = 60;
const warmUp = 10;

/** Milliseconds. */
export interface RowLatency {
  readonly p50: number;
  readonly p95: number;
}

/** By the models' names; undefined where there are too few rows. The turns alternate, so that what else the machine does meets all of them. */
export async function rowLatencies<Name extends string>(
  context: Pick<StageContext<unknown>, 'data' | 'signal' | 'artifacts'>,
  split: Split,
  models: Readonly<Record<Name, ModelRef>>,
): Promise<Record<Name, RowLatency> | undefined> {
  const scorers: [name: string, scorer: Scorer][] = [];
  try {
    for (const [name, model] of Object.entries<ModelRef>(models))
      scorers.push([name, await openScorer(context.artifacts.store, model, { threads: 1 })]);
    const taken = await measure(context, split, scorers);
    // A latency for each of the models.
    return taken && (Object.fromEntries(taken) as Record<Name, RowLatency>);
  } finally {
    for (const [, scorer] of scorers) await scorer.release();
  }
}

async function measure(
  context: Pick<StageContext<unknown>, 'data' | 'signal'>,
  split: Split,
  scorers: readonly (readonly [name: string, scorer: Scorer])[],
): Promise<[string, RowLatency][] | undefined> {
  const taken = scorers.map((): number[] => []);
  const columns = scorers.flatMap(([, { inputs }]) => inputs.map(({ name }) => name));
  let left = askedRows;
  await new RowReader({ ...context, progress: () => undefined }, 0).forEachBatch(split, columns, async (batch) => {
    for (let row = 0; row < batch.rows && left > 0; row++, left--) {
      for (const [at, [, scorer]] of scorers.entries()) {
        const began = performance.now();
        await scorer.score(rowOf(batch, row));
        taken[at]?.push(performance.now() - began);
      }
      await setImmediate();
    }
    return left > 0;
  });
  if (askedRows - left <= warmUp) return undefined;
  return scorers.map(([name], at) => [name, latencyOf(taken[at] ?? [])]);
}

function rowOf({ columns }: Rows, row: number): Rows {
  const values = Object.entries(columns).map(([name, all]) => [name, all.slice(row, row + 1)]);
  return { rows: 1, columns: Object.fromEntries(values) as Rows['columns'] };
}

function latencyOf(taken: readonly number[]): RowLatency {
  const sorted = Float64Array.from(taken.slice(warmUp)).sort();
  return { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) };
}
