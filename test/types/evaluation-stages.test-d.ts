import type { DatasetRef, ModelRef, StageInput, StageOutput } from 'trainyard';
import { evaluateStage, monitorStage } from 'trainyard/stages';
import { z } from 'zod';

const Flight = z.object({ hour: z.int(), carrier: z.string().nullable(), delay: z.number(), late: z.boolean() });
type Flight = z.output<typeof Flight>;

const evaluate = evaluateStage({ row: Flight, target: 'late' });
const evaluateDelay = evaluateStage({ row: Flight, target: 'delay', name: 'evaluateDelay' });
const monitor = monitorStage({ row: Flight, target: 'late' });

// @ts-expect-error a target that is no column
evaluateStage({ row: Flight, target: 'gate' });
// @ts-expect-error an undeclared pool
evaluateStage({ row: Flight, target: 'late', pool: 'tpu' });

declare const model: ModelRef<Flight, { logit: number; probability: number }>;
declare const regressor: ModelRef<Flight, { prediction: number }>;
declare const dataset: DatasetRef<Flight>;
declare const unlabelled: DatasetRef<Omit<Flight, 'late'>>;
declare const withoutHour: DatasetRef<Omit<Flight, 'hour'>>;
declare const evaluation: StageOutput<typeof evaluate>;
declare const delayEvaluation: StageOutput<typeof evaluateDelay>;
const batch = { dataset: unlabelled, split: 'july' };
const lacking = { dataset: withoutHour, split: 'july' };

export const classified: StageInput<typeof evaluate> = {
  model,
  dataset,
  slices: ['carrier'],
  baseline: { by: ['hour'] },
};
export const regressed: StageInput<typeof evaluateDelay> = { model: regressor, dataset };
export const monitored: StageInput<typeof monitor> = { model, reference: { dataset }, batch };
export const names: ['evaluate', 'evaluateDelay'] = [evaluate.name, evaluateDelay.name];
export const numbers: number[] = [evaluation.auc, evaluation.baselineAuc, delayEvaluation.rmse];

// @ts-expect-error a regressor has no AUC
export const auc: number = delayEvaluation.auc;
// @ts-expect-error a slice that is no column
export const badSlice: StageInput<typeof evaluate> = { model, dataset, slices: ['gate'] };
// @ts-expect-error a regressor where a classifier is evaluated
export const badModel: StageInput<typeof evaluate> = { model: regressor, dataset };
// @ts-expect-error the dataset lacks a column
export const badDataset: StageInput<typeof evaluate> = { model, dataset: withoutHour };
// @ts-expect-error the reference needs its labels
export const badReference: StageInput<typeof monitor> = { model, reference: { dataset: unlabelled }, batch };
// @ts-expect-error the batch lacks a column that is not the target
export const badBatch: StageInput<typeof monitor> = { model, reference: { dataset }, batch: lacking };
