/** The standard look on a real server with real traffic: each of its six findings is raised once, and closed when it is over. @module */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { monitorBatch } from '../../activities/monitor-batch.js';
import { readTraffic } from '../../activities/read-traffic.js';
import { watchModelErrors } from '../../activities/watch-errors.js';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { Monitors } from '../../src/client/monitors.js';
import type { Alert } from '../../src/contracts/alerts.js';
import { columnsOf } from '../../src/contracts/columns.js';
import { defineProject } from '../../src/contracts/define-project.js';
import { createPoolWorker } from '../../src/worker/create-pool-worker.js';
import { modelOf } from '../activities/formula-tables.js';
import { temporaryFolder } from '../artifacts/support.js';
import { makeDataset } from '../data/make-dataset.js';
import { changeEndpoint, deploy, infer, serve } from '../server/support.js';
import { testEngine } from '../support/engine.js';
import { startPipelinesWorker } from '../support/pipelines-worker.js';
import { until } from '../support/until.js';
import { Asked, standard } from './watch-contracts.js';

const endpoint = 'scored';
const who = { by: 'ana', reason: 'a test' };
const all = ['ConceptDrift', 'DataDrift', 'HighErrorRate', 'HighLatency', 'PredictionDrift', 'UnfairOutcomes'];
const [requests, rowsEach] = [20, 50];

/** What clients ask, and what turns out to be true. */
interface Phase {
  readonly wind: (row: number) => number;
  readonly score: (row: number, region: string) => number;
  readonly label: (score: number) => boolean;
  /** Requests that no model can answer. */
  readonly broken: number;
  readonly batchDelayMs: number;
}

const spread = (row: number) => ((row * 7919) % 997) / 997;
const good: Phase = {
  wind: (row) => 10 * spread(row),
  score: (row) => spread(row * 31),
  label: (score) => score > 0.5,
  broken: 0,
  batchDelayMs: 0,
};
const bad: Phase = {
  wind: (row) => 20 + spread(row),
  score: (row, region) => (region === 'north' ? 0.6 + 0.4 * spread(row) : 0.4 * spread(row)),
  label: (score) => score <= 0.5,
  broken: 10,
  batchDelayMs: 1_200,
};

describe('a standard look', function () {
  this.timeout(120_000);
  const stops: (() => Promise<unknown>)[] = [];
  after(async () => {
    for (const stop of stops.toReversed()) await stop();
  });

  it('raises each of its six findings once, and closes each when it is over', async () => {
    const folder = await temporaryFolder();
    const store = await openFileStore(join(folder, 'store'));
    const heard: Alert[] = [];
    const url = await hook(heard, stops);
    const secrets = {};
    const name = `watched-${randomUUID().slice(0, 8)}`;
    const project = defineProject({ name, pools: { cpu: {} }, secrets, alerts: [{ kind: 'webhook', url }] });
    const worker = await startPipelinesWorker(new URL('./watch-workflows.js', import.meta.url), { project, store });
    stops.push(() => worker.stop());
    await startPool(project, store, join(folder, 'scratch'), stops);
    const { client } = await testEngine();
    const monitors = new Monitors({ project: name, store, client });

    const model = await modelOf(store, Asked, ['at', 'region', 'wind', 'score'], ['logit', 'probability']);
    await deploy(store, endpoint, { uri: model.uri, sha256: model.sha256, sizeBytes: model.sizeBytes });
    await changeEndpoint(store, endpoint, {
      kind: 'setLog',
      log: { sample: 1, columns: ['at', 'region', 'wind', 'score'] },
    });
    const reference = `SELECT TIMESTAMPTZ '2026-01-01' AS at, 'north' AS region, 10 * k / 997::DOUBLE AS wind,
      ((range * 31 * 7919) % 997) / 997::DOUBLE AS score, true AS late
      FROM (SELECT range, (range * 7919) % 997 AS k FROM range(1000))`;
    const dataset = await makeDataset<unknown>(store, columnsOf(Asked), [{ split: 'train', select: reference }]);
    await monitors.declare(standard, { ...who, settings: { dataset: { ...dataset } } });

    let asked = 0;
    const live = async (phase: Phase) => {
      asked = await ask(store, join(folder, 'serve'), phase, asked);
      const { look } = await monitors.look('standard', who);
      const state = async () => (await monitors.show('standard')).state;
      await until(async () => {
        const { looks, running, outbox } = await state();
        return looks > look && running === null && outbox.length === 0;
      });
      const { past, book } = await state();
      assert.equal(past.at(-1)?.failure, undefined);
      return { found: [...past.at(-1)!.found].sort(), firing: book.length, figures: past.at(-1)!.figures };
    };
    const first = await live(good);
    assert.deepEqual([first.found, first.figures['requests'], first.figures['failed']], [[], 20, 0]);
    const second = await live(bad);
    assert.deepEqual([second.found, second.firing], [all, 6]);
    assert.deepEqual([second.figures['requests'], second.figures['failed']], [30, 10]);
    const third = await live(bad);
    assert.deepEqual([third.found, third.firing], [all, 6], 'they go on');
    const fourth = await live(good);
    assert.deepEqual([fourth.found, fourth.firing], [[], 0]);
    const names = (status: Alert['status']) => heard.filter((alert) => alert.status === status).map((one) => one.name);
    assert.deepEqual([names('firing').sort(), names('resolved').sort()], [all, all]);
    for (const { summary } of heard) assert.match(summary, /^scored: /);
    const raised = new Map(heard.filter(({ status }) => status === 'firing').map((one) => [one.name, one.summary]));
    assert.match(raised.get('HighErrorRate')!, /33.3 % of 30 requests failed, at least 19.2 % with 95 % confidence/);
    assert.match(raised.get('ConceptDrift')!, /mean error of 1000 rows is 1; by ADWIN.* it rose from/);
  });
});

/** Asks through a server of its own, which has published all that it saw when it is closed. */
async function ask(
  store: Awaited<ReturnType<typeof openFileStore>>,
  folder: string,
  phase: Phase,
  from: number,
): Promise<number> {
  const server = await serve(store, { folder, batchDelayMs: phase.batchDelayMs });
  await until(async () => (await fetch(`${server.address}/v2/models/${endpoint}/ready`)).ok);
  const asking = Array.from({ length: requests }, async (_, request) => {
    const rows = Array.from({ length: rowsEach }, (_row, at) => from + request * rowsEach + at);
    const region = rows.map((row) => (row % 2 ? 'north' : 'south'));
    const score = rows.map((row, at) => phase.score(row, region[at]!));
    const id = `r${from + request}`;
    const tensor = (column: string, datatype: string, data: readonly unknown[]) => {
      return { name: column, datatype, shape: [rowsEach, 1], data };
    };
    const inputs = [
      tensor(
        'at',
        'INT64',
        rows.map((row) => 1_780_000_000 + row),
      ),
      tensor('region', 'BYTES', region),
      tensor('wind', 'FP32', rows.map(phase.wind)),
      tensor('score', 'FP32', score),
    ];
    assert.equal((await infer(server.address, endpoint, { id, inputs })).status, 200);
    const labels = score.map((value, at) => ({ id: `${id}/${at}`, label: phase.label(value) }));
    const answer = await fetch(`${server.address}/v2/models/${endpoint}/labels`, {
      method: 'POST',
      body: JSON.stringify(labels),
    });
    assert.equal(answer.status, 200);
  });
  const breaking = Array.from({ length: phase.broken }, async () => {
    assert.equal((await infer(server.address, endpoint, { inputs: [] })).status, 400);
  });
  await Promise.all([...asking, ...breaking]);
  await server.close();
  return from + requests * rowsEach;
}

async function startPool(
  project: ReturnType<typeof defineProject>,
  store: Awaited<ReturnType<typeof openFileStore>>,
  scratchRoot: string,
  stops: (() => Promise<unknown>)[],
): Promise<void> {
  const { native, engine } = await testEngine();
  const { worker, run } = await createPoolWorker({
    project,
    pool: 'cpu',
    implementations: [
      readTraffic(standard.stages.readTraffic),
      watchModelErrors(standard.stages.watchErrors),
      monitorBatch(standard.stages.monitor),
    ],
    store,
    scratchRoot,
    connection: native,
    namespace: engine.namespace,
    payloadCodecs: [],
    registry: new Registry(),
    log: pino({ level: 'silent' }),
  });
  const running = run();
  stops.push(async () => {
    worker.shutdown();
    await running;
  });
}

/** A webhook that keeps the alerts that it hears of. */
async function hook(heard: Alert[], stops: (() => Promise<unknown>)[]): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push((JSON.parse(Buffer.concat(chunks).toString()) as { readonly data: Alert }).data);
      response.end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
