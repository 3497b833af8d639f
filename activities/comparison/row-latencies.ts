/** How long two models take for a single row, measured side by side. @module */
import { setImmediate } from 'node:timers/promises';
import type { StageContext } from '../../src/context/stage-context.js';
import type { ModelRef } from '../../src/contracts/refs.js';
import { openScorer, type Scorer } from '../../src/training/scorer.js';
import { RowReader, type Split } from '../evaluation/row-reader.js';

/** Rows that are asked one by one: enough for a median, a blink in time. */
const askedRows = 60;
const warmUp = 10;

/** Medians in milliseconds; undefined where there are too few rows. The turns alternate, so that what else the machine does meets both. */
export async function rowLatencies(
  context: Pick<StageContext<unknown>, 'data' | 'signal' | 'progress' | 'artifacts'>,
  split: Split,
  models: { readonly challenger: ModelRef; readonly champion: ModelRef },
): Promise<{ challenger: number; champion: number } | undefined> {
  const { store } = context.artifacts;
  const challenger = await openScorer(store, models.challenger, { threads: 1 });
  try {
    const champion = await openScorer(store, models.champion, { threads: 1 });
    try {
      return await measure(context, split, { challenger, champion });
    } finally {
      await champion.release();
    }
  } finally {
    await challenger.release();
  }
}

async function measure(
  context: Pick<StageContext<unknown>, 'data' | 'signal' | 'progress'>,
  split: Split,
  { challenger, champion }: { readonly challenger: Scorer; readonly champion: Scorer },
) {
  const taken = { challenger: [] as number[], champion: [] as number[] };
  const columns = [...challenger.inputs, ...champion.inputs].map(({ name }) => name);
  let left = askedRows;
  await new RowReader({ ...context, progress: () => undefined }, 0).forEachBatch(split, columns, async (batch) => {
    for (let row = 0; row < batch.rows && left > 0; row++, left--) {
      const one = {
        rows: 1,
        columns: Object.fromEntries(
          Object.entries(batch.columns).map(([name, values]) => [name, values.slice(row, row + 1)]),
        ),
      };
      for (const [name, scorer] of Object.entries({ challenger, champion }) as ['challenger' | 'champion', Scorer][]) {
        const began = performance.now();
        await scorer.score(one);
        taken[name].push(performance.now() - began);
      }
      await setImmediate();
    }
  });
  if (taken.champion.length <= warmUp) return undefined;
  return { challenger: median(taken.challenger.slice(warmUp)), champion: median(taken.champion.slice(warmUp)) };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
