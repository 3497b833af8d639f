/** Version two of the pipelines. @module */
import { implementPipeline } from '../../../src/workflow/implement-pipeline.js';
import * as contracts from './contracts.js';
import { loopOf } from './loop.js';

export const versioned = implementPipeline(contracts.versioned).with(async (run) => {
  await run.approval('go', { evidence: 'two', expiresIn: '1 hour' });
  return { version: 'two' };
});

export const looping = loopOf('two');
