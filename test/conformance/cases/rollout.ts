/** Rollouts: one that is promoted, one that goes back by itself, one that a hand aborts. @module */
import assert from 'node:assert/strict';
import { putJson } from '../../../src/artifacts/json.js';
import type { ArtifactStore } from '../../../src/artifacts/store.js';
import { Endpoints } from '../../../src/client/endpoints.js';
import { Rollouts } from '../../../src/client/rollouts.js';
import { endpoints as endpointRules } from '../../../src/contracts/endpoints.js';
import { entityWorkflowId } from '../../../src/contracts/names.js';
import { rolloutKind, type RolloutStep } from '../../../src/contracts/rollouts.js';
import { publishWindow } from '../../../src/records/traffic-windows.js';
import { until } from '../../support/until.js';
import { type Case, workflows } from '../case.js';

const who = { by: 'ada', reason: 'conformance' };
const hold = { seconds: 0, requests: 100 };
const steps: RolloutStep[] = [
  { mode: 'shadow', hold },
  { mode: 'canary', share: 0.05, hold },
  { mode: 'canary', share: 0.25, hold },
  { mode: 'full', hold },
];

export const rollout: Case = {
  name: 'rollout',
  histories: async ({ project: { name: project }, store, startPipelines, engine: { client } }) => {
    await startPipelines(workflows);
    const endpoints = new Endpoints({ client, project, store });
    const rollouts = new Rollouts({ client, project, store });
    const begin = async (endpoint: string, lookEvery: number) => {
      await endpoints.deploy(endpoint, { model: await putJson(store, { revision: 'old' }) }, who);
      const model = await putJson(store, { revision: 'new' });
      return rollouts.start(endpoint, { id: endpoint, model, steps, lookEvery, ...who });
    };
    await counted(store, 'good', 0);
    await counted(store, 'bad', 50);
    for (const endpoint of ['good', 'bad']) await begin(endpoint, 0.1);
    // Its next look is in an hour.
    await begin('away', 3_600);
    await until(async () => (await rollouts.board('away'))?.step === 0);
    await rollouts.command('away', 'abort', who);
    const ends = await Promise.all(['good', 'bad', 'away'].map((name) => rollouts.result(name, name)));
    assert.deepEqual(
      ends.map(({ outcome }) => outcome),
      ['promoted', 'rolledBack', 'aborted'],
    );
    const of = (kind: string, name: string) => client.workflow.getHandle(entityWorkflowId(project, kind, name));
    return {
      good: of(rolloutKind, 'good'),
      bad: of(rolloutKind, 'bad'),
      away: of(rolloutKind, 'away'),
      endpoint: of(endpointRules.kind, 'good'),
    };
  },
};

/** What a server counted, of an hour and a generation that are still to come: the first look of every step sees all of it. */
async function counted(store: ArtifactStore, endpoint: string, errors: number): Promise<void> {
  const to = new Date(Date.now() + 3_600_000).toISOString();
  const answered = { listens: false, dropped: 0, latency: {}, outputs: {} };
  await publishWindow(store, endpoint, {
    server: 'conformance',
    generation: 1_000,
    from: to,
    to,
    revisions: [
      { revision: 1, requests: 100, errors: 0, ...answered },
      { revision: 2, requests: 100, errors, ...answered },
    ],
  });
}
