import type { DatasetRef, ModelRef, NewModelVersion } from 'trainyard';
import { ModelRegistry } from 'trainyard/client';
import type { Evaluation } from 'trainyard/stages';
import { registerModel, setAlias } from 'trainyard/workflow';

declare const model: ModelRef<{ months: number }, { probability: number }>;
declare const dataset: DatasetRef<{ months: number }>;
declare const evaluation: Evaluation<'classification'>;
declare const registry: ModelRegistry;

const why = { reason: 'weekly training' };

export const version: Promise<number> = registerModel(
  'churn',
  { model, datasets: { train: dataset }, metrics: { auc: 0.9 } },
  why,
);
export const evaluated: Promise<number> = registerModel('churn', { model, evaluation }, why);
export const moved: Promise<void> = setAlias('churn', 'champion', 3, { ...why, from: null });
export const numbers: Promise<number[]> = registry.register('churn', [{ model }], { ...why, by: 'ana' });

// @ts-expect-error a version without its model
export const nothing: NewModelVersion = { metrics: { auc: 0.9 } };
// @ts-expect-error a figure that is no number
void registerModel('churn', { model, metrics: { auc: 'good' } }, why);
// @ts-expect-error nobody says who asks
void registry.register('churn', [{ model }], why);
