import assert from 'node:assert/strict';
import { withPipelines } from '../support/pipelines.js';
import * as contracts from './fixtures/contracts.js';
import { zodTour } from './fixtures/zod-tour.js';

const workflows = new URL('./fixtures/workflows.js', import.meta.url);

describe('what the runs of a worker share', () => {
  it('answers in a workflow as outside of one, in each of several runs', () =>
    withPipelines(workflows, { identify: () => null }, async ({ pipelines }) => {
      const expected: unknown = JSON.parse(JSON.stringify(zodTour()));
      const runs = await Promise.all([1, 2, 3].map(() => pipelines.start(contracts.tour, { input: {} })));
      for (const run of runs) assert.deepEqual(await run.result(), { answers: expected });
    }));
});
