/** Ends at once, as its input says. @module */
import { ApplicationFailure } from '@temporalio/workflow';
import { implementPipeline } from '../../src/workflow/implement-pipeline.js';
import * as contracts from './contracts.js';

export const sliced = implementPipeline(contracts.sliced).with((_run, { to, fail }) => {
  if (fail) throw ApplicationFailure.nonRetryable('the data of this slice is not there');
  return Promise.resolve({ to });
});
