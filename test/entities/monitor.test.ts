/** A monitor on a real server: it looks, raises and closes each alert once, and tells the retraining loop. @module */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { Loops } from '../../src/client/loops.js';
import { Monitors } from '../../src/client/monitors.js';
import { type LocalServer, startServer } from '../alerts/local-server.js';
import { testEngine } from '../support/engine.js';
import { type RunningPipelinesWorker, startPipelinesWorker } from '../support/pipelines-worker.js';
import { until } from '../support/until.js';
import * as contracts from './loop-contracts.js';

const project = `monitors-${randomUUID().slice(0, 8)}`;
const store = new MemoryStore();
const by = 'ana';
const secret = `HOOK_${randomUUID().slice(0, 8)}`;

describe('a monitor on a server', function () {
  this.timeout(120_000);
  let sinks: LocalServer;
  let isAway = false;
  let worker: RunningPipelinesWorker;
  const incidents: Record<string, string>[] = [];
  /** What went to a path, but for questions. */
  const sent = (path: string) => sinks.asked.filter((asked) => asked.path === path && asked.method !== 'GET');
  const heard = () => sent('/hook').map(({ json }) => (json as { readonly type: string }).type);
  const startWorker = () =>
    startPipelinesWorker(new URL('./loop-workflows.js', import.meta.url), {
      project: {
        name: project,
        secrets: { [secret]: { from: 'env' } },
        alerts: [
          { kind: 'webhook', url: `${sinks.url}/hook`, secret },
          { kind: 'alertmanager', url: sinks.url },
          { kind: 'servicenow', instance: sinks.url, user: secret, password: secret },
        ],
      },
      store,
    });
  before(async () => {
    process.env[secret] = 'whsec_c2VjcmV0';
    sinks = await startServer(({ method, path, json }) => {
      if (isAway && path === '/hook') return 'none';
      if (path !== '/api/now/table/incident') {
        Object.assign(incidents[0] ?? {}, method === 'PATCH' ? json : {});
        return { status: 200, body: {} };
      }
      if (method === 'POST') incidents.push({ sys_id: 'id', state: '1', ...(json as Record<string, string>) });
      return { status: 200, body: { result: incidents.toReversed() } };
    });
    worker = await startWorker();
  });
  after(async () => {
    await worker.stop();
    await sinks.close();
    Reflect.deleteProperty(process.env, secret);
  });

  /** Looks, and waits until whom it concerns has been told. */
  async function look(number: number, asks = number > 1) {
    const { client } = await testEngine();
    const monitors = new Monitors({ project, store, client });
    if (asks) await monitors.look('watched', { by, reason: 'now' });
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
    assert.deepEqual(heard(), ['alert.firing', 'alert.resolved']);
    assert.match(String(sent('/hook')[0]?.headers['webhook-signature']), /^v1,/);
    const labels = sent('/api/v2/alerts').map(({ json }) => (json as { labels: { alertname: string } }[])[0]?.labels);
    assert.deepEqual(
      labels.map((label) => label?.alertname),
      ['DataDrift', 'DataDrift'],
    );
    assert.deepEqual(
      incidents.map(({ state, short_description }) => [state, short_description]),
      [['6', 'DataDrift: temp has moved']],
    );
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

  it('sends what was raised before its worker went away when another one comes, each sink once', async () => {
    const { client } = await testEngine();
    const before = sinks.asked.length;
    isAway = true;
    await new Monitors({ project, store, client }).look('watched', { by, reason: 'now' });
    const since = () => sinks.asked.slice(before).map(({ path }) => path);
    await until(() => since().includes('/hook') && since().filter((path) => path !== '/hook').length === 3);
    await worker.stop();
    isAway = false;
    const tried = since().filter((path) => path === '/hook').length;
    worker = await startWorker();
    const state = await look(5, false);
    assert.deepEqual(
      state.book.map(({ alert }) => alert.name),
      ['DataDrift'],
    );
    assert.equal(since().filter((path) => path === '/hook').length, tried + 1);
    const ids = sent('/hook').map(({ headers }) => headers['webhook-id']);
    assert.equal(new Set(ids.slice(-tried - 1)).size, 1);
    assert.equal(since().filter((path) => path === '/api/v2/alerts').length, 1, 'it has been reached');
    assert.equal(incidents.length, 2);
  });
});
