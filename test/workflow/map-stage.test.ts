import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { putList, readList } from '../../src/artifacts/lists.js';
import { failureOf, type Run } from '../../src/client/run.js';
import { testEngine } from '../support/engine.js';
import { withPipelines } from '../support/pipelines.js';
import * as contracts from './fixtures/contracts.js';

const workflows = new URL('./fixtures/workflows.js', import.meta.url);

/** Squares, and remembers what it was given and how many at a time. */
class Squares {
  readonly given: number[] = [];
  most = 0;
  #now = 0;

  readonly square = async ({ n }: { n: number }) => {
    this.given.push(n);
    this.most = Math.max(this.most, ++this.#now);
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.#now--;
    if (n < 0) throw ApplicationFailure.nonRetryable(`${n} is negative`, 'ContractViolation');
    return { squared: n * n };
  };
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('a map over an array', () => {
  it('gives the outputs in the order of the items, so many at a time, each once', () => {
    const squares = new Squares();
    return withPipelines(workflows, { square: squares.square }, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.squares, { input: { numbers: upTo(40), concurrency: 7 } });
      const { results } = await run.result();
      assert.deepEqual(
        results,
        upTo(40).map((n) => ({ squared: n * n })),
      );
      assert.deepEqual(
        squares.given.sort((one, other) => one - other),
        upTo(40),
      );
      assert.ok(squares.most <= 7, String(squares.most));
      const { stages } = await run.status();
      assert.deepEqual(
        stages.map(({ stage, state, progress }) => ({ stage, state, progress })),
        [{ stage: 'square', state: 'completed', progress: { done: 40, total: 40, unit: 'items' } }],
      );
    });
  });

  it('collects failures among the results, where it is asked to', () =>
    withPipelines(workflows, { square: new Squares().square }, async ({ pipelines }) => {
      const run = await pipelines.start(contracts.squares, { input: { numbers: [1, -1, 2], collect: true } });
      assert.deepEqual((await run.result()).results, [
        { status: 'completed', output: { squared: 1 } },
        { status: 'failed', class: 'ContractViolation', message: '-1 is negative' },
        { status: 'completed', output: { squared: 4 } },
      ]);
      const [row] = (await run.status()).stages;
      assert.deepEqual(row?.progress, { done: 3, total: 3, unit: 'items', note: '1 failed' });
    }));

  it('ends with the first failure, names its item, and begins no other', () => {
    const squares = new Squares();
    return withPipelines(workflows, { square: squares.square }, async ({ pipelines }) => {
      const numbers = [0, -1, ...upTo(100)];
      const run = await pipelines.start(contracts.squares, { input: { numbers, concurrency: 1 } });
      await assert.rejects(failing(run), /item 1 of the map over stage square failed: -1 is negative/);
      assert.deepEqual(squares.given, [0, -1]);
    });
  });

  it('refuses a wrong item, and too many, before anything is scheduled', () =>
    withPipelines(workflows, { square: new Squares().square }, async ({ pipelines }) => {
      const wrong = await pipelines.start(contracts.squares, { input: { numbers: upTo(501) } });
      await assert.rejects(failing(wrong), /has 501 items, an array at most 500: pass a ListRef/);
      const lanes = await pipelines.start(contracts.squares, { input: { numbers: [1], concurrency: 0 } });
      await assert.rejects(failing(lanes), /concurrency must be a whole number from 1 on, got 0/);
    }));
});

describe('a map over a list', () => {
  it('takes thousands of items in histories of bounded length, and leaves the results in the store', () => {
    const squares = new Squares();
    return withPipelines(workflows, { square: squares.square }, async ({ pipelines, store }) => {
      const numbers = await putList(
        store,
        upTo(2_300).map((n) => ({ n })),
      );
      const run = await pipelines.start(contracts.manySquares, { input: { numbers, concurrency: 120 } });
      const { results, failed } = await run.result();
      assert.deepEqual([results.count, failed], [2_300, 0]);
      assert.deepEqual(
        await all(readList(store, results)),
        upTo(2_300).map((n) => ({ squared: n * n })),
      );
      assert.equal(new Set(squares.given).size, 2_300);
      assert.equal(squares.given.length, 2_300);
      assert.ok(squares.most <= 120, String(squares.most));
      const lengths = await historyLengths(run.workflowId);
      assert.equal(lengths.length, 4);
      assert.ok(Math.max(...lengths) < 10_000, lengths.join());
      const { stages } = await run.status();
      assert.deepEqual(
        stages.map(({ stage, progress }) => [stage, progress?.done]),
        [['square', 2_300]],
      );
    });
  });

  it('counts the failures and keeps them among the results', () =>
    withPipelines(workflows, { square: new Squares().square }, async ({ pipelines, store }) => {
      const numbers = await putList(store, [{ n: 3 }, { n: -3 }]);
      const run = await pipelines.start(contracts.manySquares, { input: { numbers, collect: true } });
      const { results, failed } = await run.result();
      assert.equal(failed, 1);
      assert.deepEqual(await all(readList(store, results)), [
        { status: 'completed', output: { squared: 9 } },
        { status: 'failed', class: 'ContractViolation', message: '-3 is negative' },
      ]);
    }));

  it('of no items has no results', () =>
    withPipelines(workflows, { square: new Squares().square }, async ({ pipelines, store }) => {
      const run = await pipelines.start(contracts.manySquares, { input: { numbers: await putList(store, []) } });
      assert.equal((await run.result()).results.count, 0);
    }));

  it('fails with the failure of an item, by its index in the list', () =>
    withPipelines(workflows, { square: new Squares().square }, async ({ pipelines, store }) => {
      const numbers = await putList(store, [...upTo(1_200).map((n) => ({ n })), { n: -7 }]);
      const run = await pipelines.start(contracts.manySquares, { input: { numbers, concurrency: 100 } });
      await assert.rejects(failing(run), /item 1200 of the map over stage square failed: -7 is negative/);
    }));
});

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function failing(run: Run): Promise<unknown> {
  return run.result().catch((error: unknown) => {
    throw new Error(failureOf(error));
  });
}

/** Of the run and of the workflows of its parts. */
async function historyLengths(workflowId: string): Promise<number[]> {
  const { client } = await testEngine();
  const parts = new Set([workflowId]);
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  for (const event of events ?? []) {
    const started = event.startChildWorkflowExecutionInitiatedEventAttributes;
    if (started?.workflowId) parts.add(started.workflowId);
  }
  return Promise.all([...parts].map(async (id) => (await client.workflow.getHandle(id).describe()).historyLength));
}
