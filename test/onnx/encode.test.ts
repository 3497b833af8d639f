/** The bytes are models that ONNX's checker accepts and onnxruntime runs. @module */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../src/onnx/encode.js';
import { Graph } from '../../src/onnx/graph.js';
import { Operators } from '../../src/onnx/operators.js';
import { readModel } from '../../src/onnx/read-model.js';
import { checkWithOnnx } from '../support/python.js';

/** A model in the manner of a served one: strings, missing numbers, a table, many operators. */
function servedModel(): Uint8Array {
  const graph = new Graph();
  const ops = new Operators(graph);
  const carrier = graph.input('carrier', 'string', ['batch']);
  const distance = graph.input('distance', 'float32', ['batch', 1]);
  const table = graph.initialiser('carriers', Float32Array.from([0, 0, 1, 2, 3, 4]), [3, 2]);
  const embedded = ops.gather(table, ops.labelEncoder(carrier, ['', 'AA', 'UA'], 0));
  const missing = ops.isNaN(distance);
  const filled = ops.clip(ops.where(missing, 0, distance), -10, 10);
  const row = ops.concat([embedded, filled, ops.cast(missing, 'float32')], 1);
  const [left, right] = ops.split(row, [2, 2], 1);
  assert.ok(left && right);
  const sum = graph.scope('sum', () => ops.reduceSum(ops.mul(left, right), [1], true));
  return encodeModel({
    graph,
    outputs: {
      sum,
      row,
      echo: distance,
      spread: ops.expandLike(ops.reduceMax(row), row),
      hot: ops.oneHot(ops.cast(filled, 'int64'), 4),
    },
    metadata: { numerics: '{"threads":2}' },
  });
}

/** A running sum in a `Loop`: its body uses a value of the graph around it. */
function loopModel(): Uint8Array {
  const graph = new Graph();
  const rows = graph.input('rows', 'float32', ['count', 3]);
  const body = new Graph(graph);
  const ops = new Operators(body);
  const turn = body.input('turn', 'int64', []);
  const go = body.input('go', 'bool', []);
  const total = ops.add(body.input('sum', 'float32', [3]), ops.gather(rows, turn));
  const start = graph.initialiser('start', new Float32Array(3), [3]);
  const outer = new Operators(graph);
  const trips = outer.squeeze(outer.slice(outer.shape(rows), 0, 0, 1), [0]);
  const [end, each] = graph.outputsOf('Loop', [trips, undefined, start], {
    attributes: { body: { body: { graph: body, outputs: [ops.identity(go), total, ops.identity(total)] } } },
    outputs: [total, { dtype: 'float32', shape: ['count', 3] }],
  });
  assert.ok(end && each);
  return encodeModel({ graph, outputs: { end, each } });
}

describe('encodeModel', () => {
  it('writes a model that onnxruntime runs', async () => {
    const session = await InferenceSession.create(servedModel(), { logSeverityLevel: 3 });
    const { sum, row, echo } = await session.run({
      carrier: new Tensor('string', ['UA', 'AA', 'new'], [3]),
      distance: new Tensor('float32', Float32Array.from([1, NaN, 20]), [3, 1]),
    });
    await session.release();
    assert.deepEqual([...(row!.data as Float32Array)], [3, 4, 1, 0, 1, 2, 0, 1, 0, 0, 10, 0]);
    assert.deepEqual([...(sum!.data as Float32Array)], [3, 2, 0]);
    assert.deepEqual([...(echo!.data as Float32Array)], [1, NaN, 20]);
  });

  it('writes loops whose body uses values from outside', async () => {
    const session = await InferenceSession.create(loopModel(), { logSeverityLevel: 3 });
    const { end, each } = await session.run({
      rows: new Tensor('float32', Float32Array.from([1, 2, 3, 10, 20, 30]), [2, 3]),
    });
    await session.release();
    assert.deepEqual([...(end!.data as Float32Array)], [11, 22, 33]);
    assert.deepEqual([...(each!.data as Float32Array)], [1, 2, 3, 11, 22, 33]);
  });

  it('leaves out what no output needs, and gives the same bytes for the same graph', () => {
    const build = () => {
      const graph = new Graph();
      const ops = new Operators(graph);
      const x = graph.input('x', 'float32', ['batch']);
      ops.exp(ops.add(x, 5));
      return encodeModel({ graph, outputs: { y: ops.relu(x) } });
    };
    assert.deepEqual(readModel(build()).nodes, [{ op: 'Relu', name: 'Relu' }]);
    assert.deepEqual(build(), build());
  });

  it('keeps inputs, outputs and metadata readable', () => {
    const { inputs, outputs, metadata } = readModel(servedModel());
    assert.deepEqual(inputs, [
      { name: 'carrier', dtype: 'string', shape: ['batch'] },
      { name: 'distance', dtype: 'float32', shape: ['batch', 1] },
    ]);
    assert.deepEqual(outputs[0], { name: 'sum', dtype: 'float32', shape: ['batch', 1] });
    assert.deepEqual(metadata, { numerics: '{"threads":2}' });
    assert.throws(
      () => readModel(Uint8Array.of(1, 2, 3)),
      /3 bytes are not an ONNX model that can be read.*\[TY1509\]/,
    );
  });

  it('is accepted by onnx.checker', async function () {
    const folder = mkdtempSync(join(tmpdir(), 'trainyard-onnx-'));
    try {
      const files = [servedModel(), loopModel()].map((bytes, index) => {
        const file = join(folder, `${index}.onnx`);
        writeFileSync(file, bytes);
        return file;
      });
      await checkWithOnnx(this, files);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
