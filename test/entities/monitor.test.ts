/** A monitor on a real server: it looks, raises and closes each alert once, and tells the retraining loop. @module */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { Loops } from '../../src/client/loops.js';
import { Monitors } from '../../src/client/monitors.js';
import { testEngine } from '../support/engine.js';
import { type RunningPipelinesWorker, startPipelinesWorker } from '../support/pipelines-worker.js';
import * as contracts from './loop-contracts.js';

const project = `monitors-${randomUUID().slice(0, 8)}`;
const store = new MemoryStore();
const by = 'ana';

describe('a monitor on a server', function () {
  this.timeout(120_000);
  const heard: string[] = [];
  const sink = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push((JSON.parse(Buffer.concat(chunks).toString()) as { readonly type: string }).type);
      response.end('{}');
    });
  });
  let worker: RunningPipelinesWorker;
  before(async () => {
    await once(sink.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`;
    worker = await startPipelinesWorker(new URL('./loop-workflows.js', import.meta.url), {
      project: { name: project, alerts: [{ kind: 'webhook', url }] },
      store,
    });
  });
  after(async () => {
    await worker.stop();
    sink.close();
  });

  /** Looks, and waits until whom it concerns has been told. */
  async function look(number: number) {
    const { client } = await testEngine();
    const monitors = new Monitors({ project, store, client });
    if (number > 1) await monitors.look('watched', { by, reason: 'now' });
    for (;;) {
      const { state } = await monitors.show('watched');
      const isDone = state.looks === number && state.running === null;
      if (isDone && state.outbox.length === 0 && state.news === null) return state;
      await delay(20);
    }
  }

  it('raises an alert once, closes it when it is over, and hands labels and drift to the loop', async () => {
    const { client } = await testEngine();
    const loops = new Loops({ project, store, client });
    const monitors = new Monitors({ project, store, client });
    await loops.declare(contracts.tried, { by, reason: 'a test' });
    await monitors.declare(contracts.watched, { by, reason: 'a test' });
    await monitors.look('watched', { by, reason: 'now' });
    const first = await look(1);
    assert.deepEqual(
      first.book.map(({ alert }) => alert.name),
      ['DataDrift'],
    );
    await look(2);
    const third = await look(3);
    assert.deepEqual(third.book, []);
    assert.deepEqual(heard, ['alert.firing', 'alert.resolved']);
    assert.equal(third.cursor, third.past.at(-1)?.at);
    const told = (await loops.show('tried')).state;
    assert.equal(told.rows.seen, 30);
    for (;;) {
      const { state } = await loops.show('tried');
      const [decision] = state.decisions;
      if (decision) {
        assert.match(decision.sentence, /drift \(temp has moved\)/);
        break;
      }
      await delay(20);
    }
  });

  it('keeps looking after a look that failed, and says why it did', async () => {
    const state = await look(4);
    assert.equal(state.past.at(-1)?.failure, 'the store is away');
    assert.ok(state.nextAt !== null && state.nextAt > state.past.at(-1)!.at);
  });
});
