/** Two releases side by side: pinned runs finish on their own, a loop changes where it continues as new. @module */
import assert from 'node:assert/strict';
import { buildIdOf } from '../../../src/worker/versioning.js';
import { currentBuild } from '../../support/current-build.js';
import { until } from '../../support/until.js';
import { looping, versioned } from '../../worker/versions/contracts.js';
import type { Case } from '../case.js';

export const versioning: Case = {
  name: 'versioning',
  histories: async ({ pipelines, project, startPipelines, engine: { client } }) => {
    const release = async (name: 'one' | 'two') => {
      const { bundle } = await startPipelines(new URL(`../../worker/versions/${name}.js`, import.meta.url));
      await until(async () => (await currentBuild(client, project.name)) === buildIdOf(bundle.sha256));
    };
    const asked = async (workflowId: string) => {
      const run = await pipelines.start(versioned, { workflowId, input: {} });
      await until(async () => (await run.status()).approvals.length === 1);
      return run;
    };
    await release('one');
    const old = await asked('old');
    const loop = await pipelines.start(looping, { workflowId: 'loop', input: {} });
    const { runId: first } = await loop.workflow.describe();
    const hasBegun = async () => {
      const { events } = await loop.workflow.fetchHistory();
      return Boolean(events?.some((event) => event.workflowTaskCompletedEventAttributes));
    };
    await until(hasBegun);
    await release('two');
    const young = await asked('young');
    for (const run of [old, young]) await run.approve('go', { by: 'ada', reason: 'read' });
    assert.deepEqual([await old.result(), await young.result()], [{ version: 'one' }, { version: 'two' }]);
    await loop.workflow.signal('go-on');
    await until(async () => (await loop.workflow.describe()).runId !== first);
    await loop.workflow.signal('go-on');
    assert.deepEqual(await loop.result(), { rounds: ['one', 'two'] });
    const round = client.workflow.getHandle(loop.workflowId, first);
    return { old: old.workflow, young: young.workflow, round, next: client.workflow.getHandle(loop.workflowId) };
  },
};
