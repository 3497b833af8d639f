import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { Batcher, type BatcherOptions } from '../../src/server/batcher.js';
import { openModel } from '../../src/server/model-runner.js';
import type { Tensors } from '../../src/server/tensors.js';
import { fixtures, infer, jsonOf, serveFixtures } from './support.js';

const floats = (values: readonly number[], width = 1): Tensors => ({
  x: {
    datatype: 'FP32',
    shape: [values.length / width, width],
    data: new Uint8Array(Float32Array.from(values).buffer),
  },
});
const values = (tensors: Tensors) => {
  const bytes = tensors['x']?.data as Uint8Array<ArrayBuffer>;
  return [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)];
};
const limits: BatcherOptions = { maxBatch: 4, maxQueue: 8, batchDelayMs: 0, batchable: true, onBatch: () => undefined };

describe('zero-delay batches', () => {
  it('run what arrives in one turn together, and give each request its own rows', async () => {
    const batches: number[] = [];
    const batcher = new Batcher((inputs) => Promise.resolve(inputs), {
      ...limits,
      onBatch: (rows) => batches.push(rows),
    });
    const answers = await Promise.all([[1], [2, 3], [4], [5]].map((rows) => batcher.submit(floats(rows))));
    assert.deepEqual(answers.map(values), [[1], [2, 3], [4], [5]]);
    assert.deepEqual(batches, [4, 1]);
  });

  it('collect what arrives while a batch runs', async () => {
    const batches: number[] = [];
    const running: (() => void)[] = [];
    const run = (inputs: Tensors) =>
      new Promise<Tensors>((resolve) =>
        running.push(() => {
          resolve(inputs);
        }),
      );
    const batcher = new Batcher(run, { ...limits, onBatch: (rows) => batches.push(rows) });
    const first = batcher.submit(floats([1]));
    while (running.length === 0) await new Promise(setImmediate);
    const others = [2, 3, 4].map((row) => batcher.submit(floats([row])));
    running[0]?.();
    await first;
    while (running.length === 1) await new Promise(setImmediate);
    running[1]?.();
    assert.deepEqual((await Promise.all(others)).map(values), [[2], [3], [4]]);
    assert.deepEqual(batches, [1, 3]);
  });

  it('join only requests of the same sizes, and none of a model that takes no batches', async () => {
    const batches: number[] = [];
    const run = (inputs: Tensors) => Promise.resolve(inputs);
    const onBatch = (rows: number) => batches.push(rows);
    const mixed = new Batcher(run, { ...limits, onBatch });
    await Promise.all([mixed.submit(floats([1])), mixed.submit(floats([1, 2], 2)), mixed.submit(floats([3]))]);
    assert.deepEqual(batches.splice(0), [1, 1, 1]);
    const single = new Batcher(run, { ...limits, onBatch, batchable: false });
    await Promise.all([single.submit(floats([1])), single.submit(floats([2]))]);
    assert.deepEqual(batches, [1, 1]);
  });

  it('take a request with more rows than a batch by itself', async () => {
    const batches: number[] = [];
    const batcher = new Batcher((inputs) => Promise.resolve(inputs), {
      ...limits,
      onBatch: (rows) => batches.push(rows),
    });
    await Promise.all([batcher.submit(floats([1, 2, 3, 4, 5, 6])), batcher.submit(floats([7]))]);
    assert.deepEqual(batches, [6, 1]);
  });

  it('refuse what comes to a full queue with 503, and answer the rest', async () => {
    const batcher = new Batcher((inputs) => Promise.resolve(inputs), limits);
    const answers = await Promise.allSettled(Array.from({ length: 10 }, (_, row) => batcher.submit(floats([row]))));
    const refused = answers.filter((answer) => answer.status === 'rejected');
    assert.equal(refused.length, 2);
    assert.equal((refused[0]?.reason as { status: number }).status, 503);
    await batcher.close();
  });
});

describe('a served batch', () => {
  it('fails only for the request that the model cannot take', async () => {
    const { address } = await serveFixtures(['lookup']);
    const ask = (id: number) =>
      infer(address, 'lookup', { inputs: [{ name: 'id', datatype: 'INT64', shape: [1, 1], data: [id] }] });
    const answers = await Promise.all([0, 1, 99, 3].map(ask));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 400, 200],
    );
    assert.deepEqual(
      answers.map((answer) => jsonOf(answer).outputs?.[0]?.data?.[0]),
      [10, 11, undefined, 13],
    );
    assert.match(jsonOf(answers[2]!).error ?? '', /^the model cannot take this input: /);
  });

  it('serves requests of different widths side by side', async () => {
    const { address } = await serveFixtures(['widths']);
    const ask = (row: readonly number[]) =>
      infer(address, 'widths', { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, row.length], data: row }] });
    const answers = await Promise.all([[1], [1, 2], [1, 2, 3], [4]].map(ask));
    assert.deepEqual(
      answers.map((answer) => jsonOf(answer).outputs?.[0]?.data?.[0]),
      [1, 3, 6, 4],
    );
  });

  it('tells a client to come back later when too many wait', async () => {
    const { address } = await serveFixtures(['slow'], { maxQueue: 1, maxBatch: 1 });
    const ask = () => infer(address, 'slow', { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [1] }] });
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    const refused = answers.filter(({ status }) => status === 503);
    assert.ok(refused.length > 0);
    assert.ok(answers.some(({ status }) => status === 200));
    assert.equal(refused[0]?.headers.get('retry-after'), '1');
  });
});

describe('a model whose single row takes over a millisecond', () => {
  it('runs in another thread: the buffers of its inputs have moved there', async () => {
    const model = await openModel(fileURLToPath(new URL('slow.onnx', fixtures)), { maxBatch: 4 });
    try {
      const inputs = floats([1, 2]);
      const outputs = await model.run(inputs, 2);
      assert.deepEqual(values({ x: outputs['y']! }), [1, 2]);
      assert.equal(inputs['x']?.data.length, 0);
    } finally {
      await model.close();
    }
  });
});
