/** Fault 30: kill -9 of engine and workers of a retraining loop: each round begins, trains and is decided once, as if nothing had been killed. @module */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Loops } from '../../src/client/loops.js';
import { loops as loopEntity } from '../../src/contracts/loop-rules.js';
import { entityWorkflowId, roundRunId } from '../../src/contracts/names.js';
import { retraining } from './project/contracts.js';
import type { Fault } from './support/fault.js';
import { killInTurn, victimsOf } from './support/kill-in-turn.js';
import { nothingRepeated } from './support/nothing-repeated.js';
import { within } from './support/within.js';

const pool = 'own0';
const who = { by: 'ana', reason: 'a fault', patienceMs: 60_000 };
/** Of the entity; a round makes some thirty. */
const mostEvents = 5_000;

export const killInLoop: Fault = {
  number: 30,
  name: 'kill -9 of engine and workers of a retraining loop',
  trials: 12,
  quick: 1,
  try: async ({ lab: open, random, folder, index }) => {
    const lab = await open();
    await Promise.all(['pipelines', pool].map((one) => lab.worker(one)));
    const loops = new Loops({ project: 'faults', store: lab.store, client: lab.client });
    const declare = async (name: string, marks: string) => {
      await mkdir(marks);
      const settings = { folder: marks, pool, heartbeatSeconds: 3, stallSeconds: 600 };
      await loops.declare(retraining, { ...who, name, settings });
    };

    const [name, marks] = [`killed-${index}`, join(folder, 'killed')];
    await declare(name, marks);
    const kills = await killInTurn(victimsOf(lab, ['pipelines', pool]), random, () => anotherRound(loops, name));
    const rounds = await atRest(loops, name);
    const story = await storyOf(loops, name);
    const expected = Array.from({ length: rounds }, (_, at) => [`begin ${at + 1}`, `decide ${at + 1}`]).flat();
    assert.deepEqual(
      story.map(({ change }) => change),
      expected,
      'each round begins once and is decided once',
    );

    const runs = Array.from({ length: rounds }, (_, at) =>
      lab.client.workflow.getHandle(roundRunId('faults', name, at + 1)).fetchHistory(),
    );
    const promoted = story.filter(({ verdict }) => verdict === 'promoted').length;
    const { repeated } = nothingRepeated(await Promise.all(runs), marks, 2 * rounds + promoted);
    assert.ok(repeated <= kills, `${repeated} stages did their work again after ${kills} kills`);
    const entity = lab.client.workflow.getHandle(entityWorkflowId('faults', loopEntity.kind, name));
    const { historyLength } = await entity.describe();
    assert.ok(historyLength < mostEvents, `a history of ${historyLength} events`);

    const unbroken = `unbroken-${index}`;
    await declare(unbroken, join(folder, 'unbroken'));
    await until(loops, unbroken, rounds);
    await atRest(loops, unbroken);
    assert.deepEqual(story, (await storyOf(loops, unbroken)).slice(0, story.length), 'the story of an unbroken run');
  },
};

/** Decided rounds, told from the store: the engine may be away. */
async function decided(loops: Loops, name: string): Promise<number> {
  return (await loops.show(name)).state.decisions.at(-1)?.round ?? 0;
}

async function until(loops: Loops, name: string, rounds: number): Promise<void> {
  await within(120, `round ${rounds} of ${name}`, async () =>
    (await decided(loops, name)) >= rounds ? true : undefined,
  );
}

async function anotherRound(loops: Loops, name: string): Promise<void> {
  const { rounds } = (await loops.show(name)).state;
  await until(loops, name, rounds + 1);
}

/** Lets no other round begin, and gives how many have been decided. */
async function atRest(loops: Loops, name: string): Promise<number> {
  await loops.pause(name, who);
  await until(loops, name, (await loops.show(name)).state.rounds);
  return decided(loops, name);
}

/** What the loop did, without its times: what began, how it was decided and why, who was the champion then. */
async function storyOf(loops: Loops, name: string) {
  const story = [];
  for await (const { request, state } of loops.history(name)) {
    const { change } = request;
    const champion = state.champion && { model: state.champion.model, round: state.champion.round };
    if (change.kind === 'begin') story.push({ change: `begin ${state.rounds}`, purpose: change.purpose, champion });
    if (change.kind !== 'decide') continue;
    const { round, verdict, sentence, model } = change.decision;
    story.push({ change: `decide ${round}`, verdict, sentence, model, champion });
  }
  return story;
}
