/** Fault 31: kill -9 of engine and workers of a monitor: each look is taken once, each alert is one message, as if nothing had been killed. @module */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Monitors } from '../../src/client/monitors.js';
import { roundRunId } from '../../src/contracts/names.js';
import { overseeing } from './project/contracts.js';
import { alertSink, told } from './support/alert-sink.js';
import type { Fault } from './support/fault.js';
import { killInTurn, victimsOf } from './support/kill-in-turn.js';
import type { Lab } from './support/lab.js';
import { nothingRepeated } from './support/nothing-repeated.js';
import type { WorkerProcess } from './support/worker-process.js';
import { within } from './support/within.js';

const pool = 'own1';
const who = { by: 'ana', reason: 'a fault', patienceMs: 60_000 };

export const killInMonitor: Fault = {
  number: 31,
  name: 'kill -9 of engine and workers of a monitor',
  trials: 12,
  quick: 1,
  // The pipelines worker of a trial knows where that trial's alerts go: no other may be there.
  settings: {},
  try: async ({ lab: open, random, folder, index }) => {
    const lab = await open();
    const sink = await alertSink();
    const pipelines = await pipelinesOf(lab, sink.url);
    try {
      await lab.worker(pool);
      const monitors = new Monitors({ project: 'faults', store: lab.store, client: lab.client });
      const declare = async (name: string, marks: string) => {
        await mkdir(marks);
        const settings = { folder: marks, pool, heartbeatSeconds: 3, stallSeconds: 600 };
        await monitors.declare(overseeing, { ...who, name, settings });
      };

      const [name, marks] = [`killed-${index}`, join(folder, 'killed')];
      await declare(name, marks);
      const victims = [...victimsOf(lab, [pool]), pipelines];
      const kills = await killInTurn(victims, random, () => anotherLook(monitors, name));
      const looks = await atRest(monitors, name);
      const { story, alerts } = await storyOf(monitors, name);
      const histories = Array.from({ length: looks }, (_, at) =>
        lab.client.workflow.getHandle(roundRunId('faults', name, at + 1)).fetchHistory(),
      );
      const { repeated } = nothingRepeated(await Promise.all(histories), marks, looks);
      assert.ok(repeated <= kills, `${repeated} looks did their work again after ${kills} kills`);
      const { messages, again } = sink.heard();
      assert.deepEqual(messages, alerts, 'each alert is one message, in order');
      assert.ok(again <= kills, `${again} messages were sent again after ${kills} kills`);

      const unbroken = `unbroken-${index}`;
      await declare(unbroken, join(folder, 'unbroken'));
      await until(monitors, unbroken, looks);
      await atRest(monitors, unbroken);
      const other = await storyOf(monitors, unbroken);
      assert.deepEqual(story, other.story.slice(0, story.length), 'the story of an unbroken run');
    } finally {
      await pipelines.kill();
      sink.close();
    }
  },
};

/** A pipelines worker whose alerts go to a place of the trial's. */
async function pipelinesOf(lab: Lab, alerts: string) {
  const settings = { env: { TRAINYARD_FAULTS_ALERTS: alerts } };
  let worker: WorkerProcess = await lab.unusualWorker('pipelines', settings);
  return {
    kill: () => worker.kill(),
    start: async () => {
      worker = await lab.unusualWorker('pipelines', settings);
    },
  };
}

/** Until so many looks have ended and whom they concern has been told; read from the store: the engine may be away. */
async function until(monitors: Monitors, name: string, looks: number): Promise<void> {
  await within(180, `look ${looks} of ${name}`, async () => {
    const { past, outbox } = (await monitors.show(name)).state;
    return (past.at(-1)?.look ?? 0) >= looks && outbox.length === 0 ? true : undefined;
  });
}

async function anotherLook(monitors: Monitors, name: string): Promise<void> {
  const { looks } = (await monitors.show(name)).state;
  await until(monitors, name, looks + 1);
}

/** Lets no other look begin, and gives how many there were. */
async function atRest(monitors: Monitors, name: string): Promise<number> {
  await monitors.pause(name, who);
  const { looks } = (await monitors.show(name)).state;
  await until(monitors, name, looks);
  return looks;
}

/** What the monitor did, without its times, and the alerts that it had to send. */
async function storyOf(monitors: Monitors, name: string) {
  const story: unknown[] = [];
  const alerts: string[] = [];
  for await (const { request, state } of monitors.history(name)) {
    const { change } = request;
    if (change.kind === 'begin') story.push(`begin ${state.looks}`);
    if (change.kind === 'told') story.push(`told after ${state.looks}`);
    if (change.kind !== 'end') continue;
    const { look, found, figures } = state.past.at(-1) ?? {};
    story.push({
      end: look,
      found,
      figures,
      firing: state.book.length,
      outbox: state.outbox.map(({ status }) => status),
    });
    alerts.push(...state.outbox.map(told));
  }
  return { story, alerts };
}
