import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { Worker } from 'node:worker_threads';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { serversOf } from '../../src/records/endpoints.js';
import { until } from '../support/until.js';
import { deploy, expected, fixtures, infer, jsonOf, modelOf, serve, serveFixtures, tabularInputs } from './support.js';

const lateOf = async (address: string, endpoint = 'late') => {
  const answer = await infer(address, endpoint, { inputs: tabularInputs() });
  assert.equal(answer.status, 200, new TextDecoder().decode(answer.bytes));
  const { model_version: version, outputs } = jsonOf(answer);
  return { version, data: outputs?.[0]?.data as number[] };
};
const is = (data: readonly number[], model: 'tabular-1' | 'tabular-2') =>
  data.every((value, row) => Math.abs(value - expected.late[model][row]!) < 1e-6);
const serves = (address: string, generation: number) =>
  until(async () => (await fetch(`${address}/v2/models/late/versions/${generation}/ready`)).ok);

describe('revisions', () => {
  it('are swapped under load without a failed or a mixed answer', async () => {
    const store = new MemoryStore();
    const models = [await modelOf(store, 'tabular-1'), await modelOf(store, 'tabular-2')] as const;
    await deploy(store, 'late', models[0]);
    const { address } = await serve(store);
    await serves(address, 1);
    let stop = false;
    const versions = new Set<string | undefined>();
    const clients = Array.from({ length: 4 }, async () => {
      while (!stop) {
        const { version, data } = await lateOf(address);
        assert.ok(is(data, Number(version) % 2 === 1 ? 'tabular-1' : 'tabular-2'));
        versions.add(version);
      }
    });
    for (const generation of [2, 3, 4, 5]) {
      await deploy(store, 'late', models[(generation + 1) % 2]!);
      await serves(address, generation);
      await until(() => versions.has(String(generation)));
    }
    stop = true;
    await Promise.all(clients);
    assert.deepEqual([...versions].sort(), ['1', '2', '3', '4', '5']);
  });

  it('that cannot be loaded leave the old one serving, and are told', async () => {
    const { store, address } = await serveFixtures(['tabular-1']);
    await deploy(store, 'tabular-1', await modelOf(store, new TextEncoder().encode('not a graph')));
    const failed = async () => (await serversOf(store, 'tabular-1')).find(({ generation }) => generation === 2);
    await until(async () => (await failed()) !== undefined);
    const record = await failed();
    assert.equal(record?.state, 'failed');
    assert.match(record.reason, /ONNX Runtime cannot run the graph/);
    const { version, data } = await lateOf(address, 'tabular-1');
    assert.equal(version, '1');
    assert.ok(is(data, 'tabular-1'));
    const ready = (await (await fetch(`${address}/v2/health/ready`)).json()) as { failures: { generation: number }[] };
    assert.equal(ready.failures[0]?.generation, 2);
    const metadata = (await (await fetch(`${address}/v2/models/tabular-1`)).json()) as {
      parameters: { failed_generation: { reason: string } };
    };
    assert.equal(metadata.parameters.failed_generation.reason, record.reason);
    assert.equal((await fetch(`${address}/v2/models/tabular-1/versions/2/ready`)).status, 503);
  });

  it('of a damaged artifact are refused; the next good one is served', async () => {
    const { store, address } = await serveFixtures(['tabular-1']);
    const model = await modelOf(store, new Uint8Array(await readFile(new URL('tabular-2.onnx', fixtures))));
    const graph = [...store.objects.keys()].at(-2)!;
    store.objects.set(
      graph,
      store.objects.get(graph)!.map((byte, index) => (index === 40 ? byte ^ 1 : byte)),
    );
    await deploy(store, 'tabular-1', model);
    await until(async () => (await serversOf(store, 'tabular-1'))[0]?.state === 'failed');
    await deploy(store, 'tabular-1', await modelOf(store, 'tabular-2'));
    await until(async () => (await fetch(`${address}/v2/models/tabular-1/versions/3/ready`)).ok);
    assert.ok(is((await lateOf(address, 'tabular-1')).data, 'tabular-2'));
  });

  it('that could not be loaded are tried again, less and less often', async () => {
    const { store, address } = await serveFixtures(['tabular-1']);
    const model = await modelOf(store, 'tabular-2');
    const graph = [...store.objects.keys()].at(-2)!;
    const whole = store.objects.get(graph)!;
    store.objects.delete(graph);
    await deploy(store, 'tabular-1', model);
    await until(async () => (await serversOf(store, 'tabular-1'))[0]?.state === 'failed');
    store.objects.set(graph, whole);
    await until(async () => (await fetch(`${address}/v2/models/tabular-1/versions/2/ready`)).ok);
    assert.ok(is((await lateOf(address, 'tabular-1')).data, 'tabular-2'));
  });

  it('whose thread ends are opened again for the next request', async () => {
    const threads: Worker[] = [];
    const remember = (thread: Worker) => threads.push(thread);
    process.on('worker', remember);
    try {
      const { address } = await serveFixtures(['slow']);
      const ask = () => infer(address, 'slow', { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [7] }] });
      assert.equal((await ask()).status, 200);
      await threads[0]?.terminate();
      assert.deepEqual(jsonOf(await ask()).outputs?.[0]?.data, [7]);
      assert.equal(threads.length, 2);
      const asked = ask();
      await threads[1]?.terminate();
      const { status, bytes } = await asked;
      assert.ok(status === 200 || status === 503, new TextDecoder().decode(bytes));
      assert.equal((await ask()).status, 200);
    } finally {
      process.off('worker', remember);
    }
  });

  it('make a server unready while an endpoint has none', async () => {
    const store = new MemoryStore();
    await deploy(store, 'late', await modelOf(store, new TextEncoder().encode('not a graph')));
    const { address } = await serve(store);
    await until(async () => (await serversOf(store, 'late')).length > 0);
    const response = await fetch(`${address}/v2/health/ready`);
    assert.equal(response.status, 503);
    assert.equal(((await response.json()) as { error: string }).error, 'nothing serves late');
    assert.equal((await infer(address, 'late', { inputs: tabularInputs() })).status, 503);
  });
});

describe('a model server', () => {
  it('says which port is in use', async () => {
    const store = new MemoryStore();
    const port = Number(new URL((await serve(store)).address).port);
    await assert.rejects(serve(store, { port }), {
      code: 'TY1703',
      message: new RegExp(`the port ${port} of 127.0.0.1 is in use`),
    });
  });

  it('serves only the endpoints that it is told to', async () => {
    const store = new MemoryStore();
    for (const endpoint of ['late', 'other']) await deploy(store, endpoint, await modelOf(store, 'tabular-1'));
    const { address } = await serve(store, { endpoints: ['late'] });
    await serves(address, 1);
    assert.equal((await infer(address, 'other', { inputs: tabularInputs() })).status, 404);
  });

  it('finishes what was asked when it is closed', async () => {
    const store = new MemoryStore();
    await deploy(store, 'slow', await modelOf(store, 'slow'));
    const server = await serve(store);
    await until(async () => (await fetch(`${server.address}/v2/health/ready`)).ok);
    const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [7] }] });
    const status = new Promise((resolve, reject) => {
      const asked = request(`${server.address}/v2/models/slow/infer`, {
        method: 'POST',
        headers: { 'content-length': body.length },
      });
      asked
        .on('response', (response) => {
          resolve(response.resume().statusCode);
        })
        .on('error', reject);
      asked.write(body.slice(0, 10), () => {
        void server.close();
        asked.end(body.slice(10));
      });
    });
    assert.equal(await status, 200);
    await assert.rejects(fetch(`${server.address}/v2/health/live`));
  });
});
