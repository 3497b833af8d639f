/** What an entity of each kind goes through when its history is recorded: each life is longer than one run. @module */
import type { Client } from '@temporalio/client';
import { putJson } from '../../src/artifacts/json.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { Endpoints } from '../../src/client/endpoints.js';
import { Loops } from '../../src/client/loops.js';
import { ModelRegistry } from '../../src/client/model-registry.js';
import { Monitors } from '../../src/client/monitors.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import { Rollouts } from '../../src/client/rollouts.js';
import { defineSchedule, type ScheduleDefinition } from '../../src/contracts/define-schedule.js';
import { sliceId } from '../../src/contracts/names.js';
import { singleTraffic } from '../../src/contracts/traffic.js';
import { tried, watched } from '../entities/loop-contracts.js';
import { sliced } from '../schedules/contracts.js';
import { until } from '../support/until.js';

/** Where they live. */
export interface Place {
  readonly client: Client;
  readonly project: string;
  readonly store: ArtifactStore;
}

const why = { by: 'ana', reason: 'to be recorded', patienceMs: 60_000 };
const secondMs = 1_000;
const failingMs = 7 * secondMs;

/** Some slices fail: those of every seventh second. */
export const seconds: ScheduleDefinition = defineSchedule('seconds', {
  pipeline: sliced,
  input: ({ from, to }) => ({ from, to, fail: Date.parse(to) % failingMs === 0 }),
  intervals: [{ every: '1 second' }],
  pauseOnFailure: true,
  budget: { cost: 5 },
});

/** By kind: begins, and lives on for as long as `goesOn` says; gives workflow ids of runs that it started, below the project, by what they show. */
export const lives: Readonly<
  Record<string, (place: Place, goesOn: () => Promise<boolean>) => Promise<Readonly<Record<string, string>>>>
> = {
  models: async (place, goesOn) => {
    const models = new ModelRegistry(place);
    const version = async () => ({ model: await putJson(place.store, { weights: 1 }) });
    await models.register('recorded', [await version(), await version()], why);
    for (let change = 0; await goesOn(); change++) {
      await models.setAlias('recorded', 'champion', 1 + (change % 2), why);
      await models.annotate('recorded', 1, { tags: { change: String(change) } }, why);
    }
    await models.rollBack('recorded', 'champion', why);
    await models.register('recorded', [await version()], why);
    await models.archive('recorded', 3, why);
    return {};
  },

  endpoints: async (place, goesOn) => {
    const endpoints = new Endpoints(place);
    const model = await putJson(place.store, { weights: 2 });
    await endpoints.deploy('recorded', { model }, why);
    const second = await endpoints.deploy('recorded', { model, traffic: 'none' }, why);
    const shares = [1, second].map((revision) => ({ revision, share: 0.5 }));
    while (await goesOn()) {
      await endpoints.setTraffic('recorded', { mode: 'canary', shares, shadows: [] }, why);
      await endpoints.setTraffic('recorded', singleTraffic(second), why);
      await endpoints.rollBack('recorded', why);
    }
    await endpoints.setTraffic('recorded', singleTraffic(second), why);
    return {};
  },

  rollouts: async (place, goesOn) => {
    const [endpoints, rollouts] = [new Endpoints(place), new Rollouts(place)];
    const model = await putJson(place.store, { weights: 3 });
    await endpoints.deploy('recorded', { model }, why);
    const hold = { seconds: 3_600, requests: 0 };
    const id = await rollouts.start('recorded', { model, steps: [{ mode: 'shadow', hold }], lookEvery: 0.1, ...why });
    await rollouts.command('recorded', 'pause', why);
    await rollouts.command('recorded', 'resume', why);
    await until(async () => !(await goesOn()));
    await rollouts.command('recorded', 'promote', why);
    await rollouts.result('recorded', id);
    return {};
  },

  slices: async ({ client, project, store }, goesOn) => {
    const schedule = await new PipelineClient({ client, project, store }).schedule(seconds, why);
    const to = new Date(Math.floor(Date.now() / secondMs) * secondMs);
    const before = (count: number) => new Date(to.getTime() - count * secondMs);
    const failing = new Date(Math.floor(before(20).getTime() / failingMs) * failingMs);
    await schedule.trigger({ ...why, slice: failing });
    await until(async () => (await schedule.status()).paused !== null);
    await schedule.backfill({ from: before(8), to }, why);
    for (let resumed = 0; await goesOn(); resumed++) {
      if ((await schedule.status()).paused) await schedule.resume({ ...why, skip: resumed % 2 === 1 });
    }
    await schedule.raiseBudget({ cost: 9, ...why });
    await schedule.pause(why);
    return { 'failed-slice': `seconds/${sliceId(failing.getTime())}` };
  },

  loops: async (place, goesOn) => {
    const loops = new Loops(place);
    await loops.declare(tried, why);
    const state = async () => (await loops.show('tried')).state;
    /** What leads to another round, and its decision. */
    const another = async (ask: () => Promise<unknown>) => {
      const { rounds } = await state();
      await ask();
      await until(async () => (await state()).decisions.at(-1)?.round === rounds + 1);
    };
    for (let round = 0; await goesOn(); round++) {
      const auc = 0.6 + ((round * 3) % 7) / 100;
      await another(() => loops.trigger('tried', {}, { ...why, reason: String(auc) }));
      const { probation, previous } = await state();
      const labels = { rows: round, asOf: new Date().toISOString() };
      if (probation > 0 && previous !== null) await another(() => loops.observe('tried', labels, why));
    }
    await loops.pause('tried', why);
    return { 'first-round': 'tried/000001', 'second-round': 'tried/000002' };
  },

  monitors: async (place, goesOn) => {
    const monitors = new Monitors(place);
    await monitors.declare(watched, why);
    for (let look = 1; await goesOn(); look++) {
      await monitors.look('watched', why);
      await until(async () => {
        const { past, outbox, news } = (await monitors.show('watched')).state;
        return past.at(-1)?.look === look && outbox.length === 0 && news === null;
      });
    }
    await monitors.pause('watched', why);
    return { look: 'watched/000001' };
  },
};
