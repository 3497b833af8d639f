/** Steps whose batch goes through the session in parts: the memory of a part, the mathematics of the whole. @module */
import { Tensor } from 'onnxruntime-node';
import { accumulationModel } from './accumulation-graph.js';
import { rowSize } from './feeds.js';
import type { Batch } from './feeds.js';
import type { Device } from './numerics.js';
import { openSession } from './session.js';
import { results } from './step-graph.js';
import type { Feed, Training } from './step-graph.js';
import { batchInputs, scalarInputs } from './step-runner.js';
import type { StepRunner, StepSettings } from './step-runner.js';
import { SwappedTensors } from './swapped-tensors.js';

/**
 * Each batch in up to `microBatches` parts of equal size (the last may be smaller), with one update at the end. Beside what a
 * part needs, the sums take twice the memory of the parameters.
 */
export async function openMicroBatches(
  options: Training & StepSettings & { readonly microBatches: number },
  device: Device,
): Promise<StepRunner> {
  const model = accumulationModel(options);
  const part = await openSession(model.partBytes, device);
  const update = await openSession(model.bytes, device).catch(async (error: unknown) => {
    await part.release();
    throw error;
  });
  const sums = new SwappedTensors(model.sums);
  const parameters = model.parameters.map(({ name }) => name);
  return {
    model,
    stepsPerRun: 1,
    async run(state, { batches: [batch = {}], rows, step }) {
      const weights = Object.fromEntries(Object.entries(state.now).filter(([name]) => parameters.includes(name)));
      sums.clear();
      const size = Math.ceil(rows / options.microBatches);
      for (let from = 0; from < rows; from += size) {
        const to = Math.min(from + size, rows);
        const run = { batches: [rowsOf(model.feeds, batch, from, to)], rows: to - from, step };
        await part.run({ ...weights, ...sums.now, ...batchInputs(model, options, run, { from }) }, sums.next);
        sums.swap();
      }
      const loss = new Float32Array(1);
      const gradNorm = new Float32Array(1);
      await update.run(
        { ...state.now, ...sums.now, ...scalarInputs(model, options, [step], []) },
        {
          ...state.next,
          [results.loss]: new Tensor('float32', loss, []),
          [results.gradNorm]: new Tensor('float32', gradNorm, []),
        },
      );
      state.swap();
      return [{ step, loss: loss[0] ?? NaN, gradNorm: gradNorm[0] ?? NaN }];
    },
    release: async () => {
      await part.release();
      await update.release();
    },
  };
}

/** Rows from … to of a batch, not copied. */
function rowsOf(feeds: readonly Feed[], batch: Batch, from: number, to: number): Batch {
  return Object.fromEntries(
    feeds.flatMap((feed) => {
      const size = rowSize(feed);
      const data = batch[feed.name]?.subarray(from * size, to * size);
      return data ? [[feed.name, data]] : [];
    }),
  );
}
