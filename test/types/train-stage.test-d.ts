import type { DatasetRef, ModelRef, StageInput, StageOutput } from 'trainyard';
import { evaluateStage, trainTabularStage } from 'trainyard/stages';
import { z } from 'zod';

const Flight = z.object({ hour: z.int(), carrier: z.string().nullable(), delay: z.number(), late: z.boolean() });
type Flight = z.output<typeof Flight>;

const train = trainTabularStage({ row: Flight, target: 'late' });
const trainDelay = trainTabularStage({ row: Flight, target: 'delay', name: 'trainDelay', pool: 'cpu' });
const evaluate = evaluateStage({ row: Flight, target: 'late' });

// @ts-expect-error a target that is no column
trainTabularStage({ row: Flight, target: 'gate' });
// @ts-expect-error an undeclared pool
trainTabularStage({ row: Flight, target: 'late', pool: 'tpu' });

declare const dataset: DatasetRef<Flight>;
declare const withoutHour: DatasetRef<Omit<Flight, 'hour'>>;
declare const trained: StageOutput<typeof train>;
declare const trainedDelay: StageOutput<typeof trainDelay>;

export const names: ['train', 'trainDelay', 'evaluate'] = [train.name, trainDelay.name, evaluate.name];
export const shortest: StageInput<typeof train> = { dataset };
export const chosen: StageInput<typeof train> = { dataset, features: ['hour', 'carrier'], epochs: 3, hidden: [16] };
export const model: ModelRef<Flight, { logit: number; probability: number }> = trained.model;
export const evaluated: StageInput<typeof evaluate> = { model: trained.model, dataset };
export const regressor: ModelRef<Flight, { prediction: number }> = trainedDelay.model;

// @ts-expect-error a feature that is no column
export const badFeature: StageInput<typeof train> = { dataset, features: ['gate'] };
// @ts-expect-error the dataset lacks a column
export const badDataset: StageInput<typeof train> = { dataset: withoutHour };
// @ts-expect-error a regressor where a classifier is evaluated
export const badModel: StageInput<typeof evaluate> = { model: trainedDelay.model, dataset };
