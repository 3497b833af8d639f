/** Fault 28: kill -9 of the workers of a map and of its pipelines worker, again and again: no finished item is repeated. @module */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { putList, readList } from '../../src/artifacts/lists.js';
import type { History } from '../../src/client/temporal-types.js';
import type { Run } from '../../src/client/run.js';
import { marking } from './project/contracts.js';
import { resultOf } from './support/expect.js';
import type { Fault } from './support/fault.js';
import type { Lab } from './support/lab.js';
import { nothingRepeated } from './support/nothing-repeated.js';
import type { Random } from './support/random.js';
import type { WorkerProcess } from './support/worker-process.js';

const count = 3_000;
const concurrency = 50;
const mostKills = 5;
/** Each kill of the pipelines worker may cost ten seconds. */
const patienceMs = 300_000;
const pool = 'own0';

export const killInMap: Fault = {
  number: 28,
  name: 'kill -9 of the workers of a map of 3,000 items',
  trials: 10,
  quick: 0,
  try: async ({ lab: open, random, folder }) => {
    const lab = await open();
    const items = await putList(
      lab.store,
      Array.from({ length: count }, (_, n) => ({ n, folder })),
    );
    const workers = await Promise.all([lab.unusualWorker(pool), lab.unusualWorker(pool)]);
    try {
      await lab.worker('pipelines');
      const run = await lab.pipelines.start(marking, { input: { items, concurrency, pool, heartbeatSeconds: 3 } });
      const { killed, result } = await killUntilDone(lab, run, workers, random);
      assert.equal(result.failed, 0);
      let n = 0;
      for await (const { square } of readList(lab.store, result.results)) assert.equal(square, n * n++);
      assert.equal(n, count);
      // An item whose worker dies after its work and before the server knows of it runs again: at most those in flight, at each kill.
      const { repeated } = nothingRepeated(await historiesOf(run), folder, count);
      assert.ok(repeated <= killed * concurrency, `${repeated} items were done again after ${killed} kills`);
      const { stages } = await run.status();
      assert.deepEqual(
        stages.map(({ progress }) => [progress?.done, progress?.total]),
        [[count, count]],
      );
    } finally {
      await Promise.all(workers.map((worker) => worker.kill()));
    }
  },
};

/** Kills one of the three at random moments until the run is over, and starts another one in its place. */
async function killUntilDone<Output>(lab: Lab, run: Run<Output>, workers: WorkerProcess[], random: Random) {
  const over = new AbortController();
  const result = resultOf(run, patienceMs).finally(() => {
    over.abort();
  });
  result.catch(() => undefined); // awaited below
  let killed = 0;
  for (; killed < mostKills; killed++) {
    await setTimeout(random.whole(300, 2_500));
    if (over.signal.aborted) break;
    const slot = random.whole(0, workers.length);
    const worker = workers[slot];
    await (worker ?? (await lab.worker('pipelines'))).kill();
    if (worker) workers[slot] = await lab.unusualWorker(pool);
    else await lab.worker('pipelines');
  }
  return { killed, result: await result };
}

/** The history of the run, and those of its map's parts. */
async function historiesOf(run: Run): Promise<History[]> {
  const history = await run.workflow.fetchHistory();
  const parts = (history.events ?? []).flatMap((event) => {
    const id = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId;
    return id ? [run.workflow.client.getHandle(id).fetchHistory()] : [];
  });
  return [history, ...(await Promise.all(parts))];
}
