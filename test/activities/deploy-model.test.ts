import assert from 'node:assert/strict';
import { pino } from 'pino';
import { z } from 'zod';
import { deploy, type DeployContext, deployModel } from '../../activities/deploy-model.js';
import { putJson, readJson } from '../../src/artifacts/json.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { AttemptStop } from '../../src/context/attempt-stop.js';
import { type Column, columnsOf } from '../../src/contracts/columns.js';
import { ModelManifest } from '../../src/contracts/manifests.js';
import type { ModelRef } from '../../src/contracts/refs.js';
import { changingDirectly } from '../../src/context/entity-access.js';
import { mainRevision } from '../../src/contracts/traffic.js';
import { latestEndpoint, recordServer } from '../../src/records/endpoints.js';
import { type DeployInput, deployStage } from '../../src/stages/deploy.js';
import { deploy as deployBeside, expected, modelOf, serve } from '../server/support.js';
import { until } from '../support/until.js';

const Flight = z.object({ carrier: z.string().nullable(), distance: z.number().nullable(), hour: z.int() });
const Late = z.object({ late: z.number() });
const contract = deployStage({ input: Flight, output: Late });

const tokens = ['0000-1795000000001-0001-aaaaaaaa', '0000-1795000000002-0002-bbbbbbbb'] as const;

/** A fixture as a model whose manifest tells its columns, and the parity samples for it. */
async function trained(
  store: ArtifactStore,
  name: 'tabular-1' | 'tabular-2',
  outputs = expected.late[name],
  inputs: Column[] = columnsOf(Flight),
) {
  const bare = await readJson(store, await modelOf(store, name), ModelManifest);
  const columns = { inputs, outputs: columnsOf(Late) };
  const model: ModelRef = { ...(await putJson(store, { ...bare, ...columns })), kind: 'model', ...columns };
  const parity = await putJson(store, {
    version: 1,
    model: model.sha256,
    rows: expected.rows,
    outputs: { late: outputs },
  });
  return { model, parity };
}

/** One attempt of the stage, by itself. */
function attempt(
  store: ArtifactStore,
  input: DeployInput,
  options: { call?: string; token?: string; signal?: AbortSignal; patienceMs?: number } = {},
) {
  const { call = 'test/deploy-1', token = tokens[0], signal = new AbortController().signal } = options;
  const context: DeployContext = {
    input: contract.input.parse(input),
    artifacts: {
      store,
      put: (source) => store.put(source),
      putJson: (value) => putJson(store, value),
      json: (ref) => readJson(store, ref, z.unknown()),
    },
    entities: changingDirectly(store),
    run: { workflowId: 'test', runId: 'run', stage: 'deploy', call, token },
    progress: () => undefined,
    signal,
    log: pino({ level: 'silent' }),
  };
  return deploy(context, options.patienceMs);
}

/** The model that answers; null for none, undefined for an endpoint that there never was. */
async function answering(store: ArtifactStore) {
  const head = await latestEndpoint({ store }, 'late');
  if (head === undefined) return undefined;
  const { traffic, revisions } = head.state;
  return traffic === null ? null : revisions.find(({ id }) => id === mainRevision(traffic))?.model.sha256;
}

const bare = ({ uri, sha256, sizeBytes }: ModelRef) => ({ uri, sha256, sizeBytes });

describe('deployModel', () => {
  it('implements any contract of deployStage in the worker', () => {
    assert.equal(deployModel(contract).contract, contract);
    assert.equal(deployModel(contract).code.kind, 'handler');
  });

  it('deploys a model, finds it equal to its trainer in JSON and binary, and tells a prediction', async () => {
    const store = new MemoryStore();
    const { address } = await serve(store);
    const result = await attempt(store, { ...(await trained(store, 'tabular-1')), endpoint: 'late' });
    assert.equal(result.endpoint, `${address}/v2/models/late`);
    assert.equal(result.generation, 1);
    assert.equal(result.parity.rows, 4);
    assert.ok(result.parity.maxAbsDifference < 1e-6);
    assert.deepEqual(result.smoke.input, expected.rows[0]);
    assert.ok(Math.abs(Number(result.smoke.output['late']) - expected.late['tabular-1'][0]!) < 1e-6);
    assert.deepEqual(contract.output.parse(result), result);
  });

  it('deploys once when it is killed and run again', async () => {
    const store = new MemoryStore();
    await serve(store);
    const input = { ...(await trained(store, 'tabular-1')), endpoint: 'late' };
    const first = await attempt(store, input);
    assert.deepEqual(await attempt(store, input, { token: tokens[1] }), first);
  });

  it('puts the model before it back when the answers differ from the trainer’s', async () => {
    const store = new MemoryStore();
    await serve(store);
    const good = await trained(store, 'tabular-1');
    await attempt(store, { ...good, endpoint: 'late' });
    const wrong = expected.late['tabular-2'].map((value, row) => (row === 2 ? value + 2e-5 : value));
    const bad = await trained(store, 'tabular-2', wrong);
    await assert.rejects(attempt(store, { ...bad, endpoint: 'late' }, { call: 'test/deploy-2' }), {
      code: 'TY1706',
      message: /^row 2 in json: late is 0\.94/,
    });
    assert.equal((await latestEndpoint({ store }, 'late'))?.generation, 3);
    assert.equal(await answering(store), good.model.sha256);
  });

  it('leaves an endpoint without a model when its first one differs from the trainer’s', async () => {
    const store = new MemoryStore();
    const { address } = await serve(store);
    const bad = await trained(store, 'tabular-1', expected.late['tabular-2']);
    await assert.rejects(attempt(store, { ...bad, endpoint: 'late' }), { code: 'TY1706' });
    assert.equal(await answering(store), null);
    await until(async () => (await fetch(`${address}/v2/models/late/ready`)).status === 404);
    assert.equal((await fetch(`${address}/v2/health/ready`)).status, 200);
    const good = { ...(await trained(store, 'tabular-1')), endpoint: 'late' };
    assert.equal((await attempt(store, good, { call: 'test/deploy-2' })).generation, 3);
  });

  it('says when nobody serves the model in time, and leaves it to the next attempt', async () => {
    const store = new MemoryStore();
    const input = { ...(await trained(store, 'tabular-1')), endpoint: 'late' };
    await assert.rejects(attempt(store, input, { patienceMs: 1 }), {
      code: 'TY1704',
      message: /no model server follows this store \(memory:/,
    });
    assert.equal(await answering(store), null);
    await serve(store);
    assert.equal((await attempt(store, input, { token: tokens[1] })).generation, 3);
  });

  it('quotes a server that cannot answer for the rows', async () => {
    const store = new MemoryStore();
    await serve(store);
    const withoutHour = columnsOf(Flight.omit({ hour: true }));
    const bad = await trained(store, 'tabular-1', undefined, withoutHour);
    await assert.rejects(attempt(store, { ...bad, endpoint: 'late' }), {
      code: 'TY1705',
      message: /answered 400: .*the model takes 3 inputs \(carrier, distance, hour\), got 2/,
    });
  });

  it('gives way to a newer deployment while it waits', async () => {
    const store = new MemoryStore();
    const newer = await trained(store, 'tabular-2');
    const pending = attempt(store, { ...(await trained(store, 'tabular-1')), endpoint: 'late' });
    const refused = assert.rejects(pending, {
      code: 'TY1708',
      message: /revision 1 of late was overtaken by generation 2/,
    });
    await until(async () => (await answering(store)) !== undefined);
    await deployBeside(store, 'late', bare(newer.model));
    await refused;
    assert.equal(await answering(store), newer.model.sha256);
  });

  it('is content with a newer deployment of the same model, of another run', async () => {
    const store = new MemoryStore();
    const input = { ...(await trained(store, 'tabular-1')), endpoint: 'late' };
    const pending = attempt(store, input);
    await until(async () => (await answering(store)) !== undefined);
    await deployBeside(store, 'late', bare(input.model));
    await serve(store);
    assert.equal((await pending).generation, 2);
  });

  it('fails at once when the server cannot load the model', async () => {
    const store = new MemoryStore();
    await serve(store);
    const { model, parity } = await trained(store, 'tabular-1');
    const bytes = [...store.objects.values()].find((object) => object.byteLength > 800 && object[0] === 8)!;
    bytes.fill(0, 100, 200);
    await assert.rejects(attempt(store, { model, parity, endpoint: 'late' }), { code: 'TY1702' });
    assert.equal(await answering(store), null);
  });

  it('refuses the parity samples of another model', async () => {
    const store = new MemoryStore();
    const [one, two] = [await trained(store, 'tabular-1'), await trained(store, 'tabular-2')];
    await assert.rejects(attempt(store, { model: one.model, parity: two.parity, endpoint: 'late' }), {
      code: 'TY1707',
    });
    assert.equal(await answering(store), undefined);
  });

  it('does not believe a record whose server is gone, and stops when it is told to', async () => {
    const store = new MemoryStore();
    const stop = new AbortController();
    const pending = attempt(
      store,
      { ...(await trained(store, 'tabular-1')), endpoint: 'late' },
      { signal: stop.signal },
    );
    const at = new Date().toISOString();
    const gone = { server: 'gone', address: 'http://127.0.0.1:9', generation: 1, at };
    await recordServer(store, 'late', { state: 'serving', ...gone, revisions: [1] });
    setImmediate(() => {
      stop.abort(new AttemptStop('drained', 0));
    });
    await assert.rejects(pending);
    // The next attempt goes on with it.
    assert.ok(await answering(store));
  });

  it('takes a model back that nobody has compared when its run is cancelled', async () => {
    const store = new MemoryStore();
    const cancel = new AbortController();
    const input = { ...(await trained(store, 'tabular-1')), endpoint: 'late' };
    const pending = attempt(store, input, { signal: cancel.signal });
    setImmediate(() => {
      cancel.abort(new AttemptStop('cancelled', 0));
    });
    await assert.rejects(pending);
    assert.equal((await answering(store)) ?? null, null);
  });
});
