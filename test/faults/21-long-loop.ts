/** Fault 21: a loop of 60,000 events in a run that continues as new, while its pipelines worker is killed and people tell it things. @module */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { History } from '../../src/client/temporal-types.js';
import type { Run } from '../../src/client/run.js';
import { lanes, tellUpdate, watching } from './project/contracts.js';
import { resultOf } from './support/expect.js';
import type { Fault } from './support/fault.js';
import type { Lab } from './support/lab.js';
import { nothingRepeated } from './support/nothing-repeated.js';
import type { Random } from './support/random.js';

const events = 60_000;
/** What a history of ours is to stay below; Temporal ends a workflow at 51,200. */
const mostInHistory = 10_000;
const patienceMs = 540_000;
const kills = 3;

export const longLoop: Fault = {
  number: 21,
  name: 'a monitor loop to 60,000 events, its worker killed',
  trials: 3,
  quick: 0,
  try: async ({ lab: open, random, folder }) => {
    const lab = await open();
    const run = await lab.start(watching, { events, folder });
    const over = new AbortController();
    const result = resultOf(run, patienceMs).finally(() => {
      over.abort();
    });
    const [{ ticks, sum, told }, acknowledged] = await Promise.all([
      result,
      tell(run, over.signal),
      killPipelines(lab, random, over.signal),
    ]);
    const count = ticks * lanes;
    assert.equal(sum, sumOfSquares(count));
    assert.ok(
      told === acknowledged || told === acknowledged + 1,
      `${acknowledged} of ${told} tellings were acknowledged`,
    );
    const histories = await generationsOf(lab, run);
    const lengths = histories.map((history) => history.events?.length ?? 0);
    assert.ok(Math.max(...lengths) < mostInHistory, `histories of ${lengths.join(', ')} events`);
    const total = lengths.reduce((all, length) => all + length, 0);
    assert.ok(total >= events, `${total} events`);
    nothingRepeated(histories, folder, count);
    const status = await run.status();
    assert.equal(status.state, 'completed');
    assert.deepEqual(status.budget?.limits, watching.budget);
    assert.ok(status.stages.every((stage) => stage.stage === 'mark' && stage.state === 'completed'));
    assert.ok(((await run.spent())?.deviceHours ?? NaN) >= 0);
  },
};

/** Tells one number after the other, each until it is acknowledged or the run is over; gives the last that was. */
async function tell(run: Run, over: AbortSignal): Promise<number> {
  let acknowledged = 0;
  while (!over.aborted) {
    const number = acknowledged + 1;
    const known = await run.workflow
      .executeUpdate<number, [number]>(tellUpdate, { args: [number], updateId: `tell-${number}` })
      .catch((error: unknown) => {
        // A worker is away, or the run has just continued or ended: the same number is told again.
        if (/is lost/.test(String(error instanceof Error ? error.cause : error))) throw error;
        return acknowledged;
      });
    acknowledged = Math.max(acknowledged, known);
    await setTimeout(100);
  }
  return acknowledged;
}

async function killPipelines(lab: Lab, random: Random, over: AbortSignal): Promise<void> {
  for (let killed = 0; killed < kills; killed++) {
    await setTimeout(random.whole(5_000, 30_000));
    if (over.aborted) return;
    await (await lab.worker('pipelines')).kill();
    await lab.worker('pipelines');
  }
}

/** The histories of all that the run continued as, the newest first. */
async function generationsOf(lab: Lab, run: Run): Promise<History[]> {
  const histories: History[] = [];
  let runId: string | undefined;
  do {
    const history = await lab.pipelines.get(run.workflowId, runId).workflow.fetchHistory();
    histories.push(history);
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
  } while (runId !== '');
  return histories;
}

function sumOfSquares(count: number): number {
  let sum = 0;
  for (let n = 0; n < count; n++) sum = (sum + n * n) % 1_000_003;
  return sum;
}
