import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeClosure } from '../../src/cache/code-closure.js';
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

  it('has all schemas of the contracts in it: making them anew would cost each run a millisecond', async () => {
    const built = fileURLToPath(new URL('../../src', import.meta.url));
    const closureOf = async (name: string) => Object.keys(await codeClosure(join(built, name), built));
    const shared = await closureOf('workflow/shared-modules.js');
    const used = (
      await Promise.all(
        ['workflow/index.js', 'entities/map.js', 'entities/tenant.js', 'stages/index.js'].map(closureOf),
      )
    ).flat();
    assert.ok(used.includes('contracts/lists.js'));
    for (const name of used.filter((name) => name.startsWith('contracts/'))) {
      const source = await readFile(join(built, name), 'utf8');
      if (source.includes("from 'zod'")) assert.ok(shared.includes(name), `${name} is not shared`);
    }
  });
});
