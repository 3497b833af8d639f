/** Their stages. @module */
import { once } from 'node:events';
import { implementStage } from '../../../src/activity/implement-stage.js';
import * as contracts from './contracts.js';

export const flaky = implementStage(contracts.flaky).with(({ input, attempt }) => {
  if (attempt <= input.failures) throw new Error('this attempt fails on purpose');
  return Promise.resolve({ attempt });
});

export const broken = implementStage(contracts.broken).with(() =>
  // What a JavaScript caller, or a cast, may do.
  Promise.resolve({ auc: 'high' } as unknown as { auc: number }),
);

export const patient = implementStage(contracts.patient).with(async ({ input, attempt, signal }) => {
  if (attempt <= input.waits) {
    if (!signal.aborted) await once(signal, 'abort');
    signal.throwIfAborted();
  }
  return { attempt };
});
