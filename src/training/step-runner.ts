/** How the steps of a training run: with whole batches, several in one run of a session, or with one batch in parts. @module */
import { Tensor } from 'onnxruntime-node';
import { dropoutMask } from '../data/philox.js';
import type { Batch } from './feeds.js';
import { rowSize } from './feeds.js';
import { randomPurpose } from './layers.js';
import type { Optimiser } from './optimisers.js';
import type { Schedule } from './schedules.js';
import type { SwappedTensors } from './swapped-tensors.js';
import { scalarName } from './step-graph.js';
import type { StepModel } from './step-graph.js';
import { stack, tensorOf } from './tensors.js';

export interface StepResult {
  /** Counted from 1. */
  readonly step: number;
  /** The batch's weighted mean before the update. */
  readonly loss: number;
  /** The global norm of the gradients before clipping. */
  readonly gradNorm: number;
}

/** Batches of one size, in the order of the steps. */
export interface BatchRun {
  readonly batches: readonly Batch[];
  readonly rows: number;
  /** Of the first batch, counted from 1. */
  readonly step: number;
}

export interface StepRunner {
  readonly model: StepModel;
  /** How many batches {@link run} takes at most. */
  readonly stepsPerRun: number;
  /** A step for each batch; afterwards the state is that after the last. */
  run(state: SwappedTensors, run: BatchRun): Promise<readonly StepResult[]>;
  /** Closes the sessions. */
  release(): Promise<void>;
}

/** What the inputs of a step are a pure function of, beside batch and step. */
export interface StepSettings {
  readonly seed: number;
  readonly rate: Schedule;
  readonly optimiser: Optimiser;
}

/** The batches, and a dropout mask for each of them, as inputs; `from`: the row of the whole batch that they begin with. */
export function batchInputs(
  model: Pick<StepModel, 'feeds' | 'masks'>,
  { seed }: StepSettings,
  { batches, rows, step }: BatchRun,
  { lead = [], from = 0 }: { readonly lead?: readonly number[]; readonly from?: number } = {},
): Record<string, Tensor> {
  const inputs: Record<string, Tensor> = {};
  for (const feed of model.feeds)
    inputs[feed.name] = tensorOf(feed, [...lead, rows], stack(batches.flatMap((batch) => batch[feed.name] ?? [])));
  model.masks.forEach((mask, layer) => {
    const size = rowSize(mask);
    const masks = batches.map((_, index) => {
      const address = { seed, purpose: randomPurpose.dropout, step: step + index, layer };
      return dropoutMask(address, mask.rate, new Float32Array(rows * size), from * size);
    });
    inputs[mask.name] = tensorOf({ ...mask, dtype: 'float32' }, [...lead, rows], stack(masks));
  });
  return inputs;
}

/** The optimiser's numbers for each step as inputs. */
export function scalarInputs(
  { scalars }: Pick<StepModel, 'scalars'>,
  { optimiser, rate }: StepSettings,
  steps: readonly number[],
  lead: readonly number[],
): Record<string, Tensor> {
  const values = steps.map((step) => optimiser.scalars(step, rate(step)));
  const inputs = scalars.map((name) => {
    const data = Float32Array.from(values, (each) => each[name] ?? NaN);
    return [scalarName(name), new Tensor('float32', data, lead)] as const;
  });
  return Object.fromEntries(inputs);
}
