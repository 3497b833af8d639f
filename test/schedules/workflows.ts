/** Ends at once, as its input says; or when it is told. @module */
import { ApplicationFailure, condition, defineSignal, setHandler } from '@temporalio/workflow';
import { implementPipeline } from '../../src/workflow/implement-pipeline.js';
import * as contracts from './contracts.js';

export const sliced = implementPipeline(contracts.sliced).with((_run, { to, fail }) => {
  if (fail) throw ApplicationFailure.nonRetryable('the data of this slice is not there');
  return Promise.resolve({ to });
});

export const held = implementPipeline(contracts.held).with(async () => {
  let goesOn = false;
  setHandler(defineSignal(contracts.goOnSignal), () => {
    goesOn = true;
  });
  await condition(() => goesOn);
  return {};
});
