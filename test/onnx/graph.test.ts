/** The builder refuses what onnxruntime would refuse later, in words that name the layer. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { TrainyardError } from '../../src/contracts/errors.js';
import { Graph } from '../../src/onnx/graph.js';
import { Operators } from '../../src/onnx/operators.js';
import { formatType } from '../../src/onnx/tensor-type.js';

function start() {
  const graph = new Graph();
  return { graph, ops: new Operators(graph) };
}

function fails(code: string, message: RegExp, build: () => unknown): void {
  assert.throws(build, (error) => {
    assert.ok(error instanceof TrainyardError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

describe('a graph', () => {
  it('knows the type of every value while it grows, with a batch size known only at run time', () => {
    const { graph, ops } = start();
    const x = graph.input('x', 'float32', ['batch', 4, 8]);
    const type = formatType;
    assert.equal(type(ops.add(x, 1)), 'float32[batch, 4, 8]');
    assert.equal(type(ops.reshape(x, ['batch', 32])), 'float32[batch, 32]');
    assert.equal(type(ops.reshape(x, ['4*batch', 8])), 'float32[4*batch, 8]');
    assert.equal(type(ops.transpose(x, [0, 2, 1])), 'float32[batch, 8, 4]');
    assert.equal(type(ops.matMul(x, ops.transpose(x, [0, 2, 1]))), 'float32[batch, 4, 4]');
    assert.equal(type(ops.reduceMean(x, [0, -1])), 'float32[4]');
    assert.equal(type(ops.reduceSum(x, [1], true)), 'float32[batch, 1, 8]');
    assert.deepEqual(ops.split(x, [3, 5], 2).map(type), ['float32[batch, 4, 3]', 'float32[batch, 4, 5]']);
    assert.equal(type(ops.concat([x, x], 1)), 'float32[batch, 8, 8]');
    assert.equal(type(ops.slice(x, 2, 1, -1)), 'float32[batch, 4, 6]');
    assert.equal(type(ops.unsqueeze(x, [0, -1])), 'float32[1, batch, 4, 8, 1]');
    assert.equal(type(ops.squeeze(ops.reduceSum(x, [1], true), [1])), 'float32[batch, 8]');
    assert.equal(type(ops.where(ops.isNaN(x), 0, x)), 'float32[batch, 4, 8]');
    assert.equal(type(ops.cast(ops.greater(x, 0), 'float32')), 'float32[batch, 4, 8]');
    assert.equal(type(ops.count(x)), 'float32[]');
    const ids = graph.input('ids', 'int64', ['batch', 4]);
    const table = graph.initialiser('table', new Float32Array(30), [10, 3]);
    assert.equal(type(ops.gather(table, ids)), 'float32[batch, 4, 3]');
    assert.equal(type(ops.oneHot(ids, 10)), 'float32[batch, 4, 10]');
    assert.equal(type(ops.labelEncoder(graph.input('word', 'string', ['batch']), ['a', 'b'], 0)), 'int64[batch]');
  });

  it('names the two shapes and the layer where they do not fit', () => {
    const { graph, ops } = start();
    const x = graph.input('x', 'float32', ['batch', 784]);
    const w = graph.initialiser('w', new Float32Array(8), [4, 2]);
    const b = graph.initialiser('b', new Float32Array(3), [3]);
    fails(
      'TY1501',
      /^layer encoder\/dense1: MatMul: float32\[batch, 784\] and float32\[4, 2\]: 784 meets 4\. .* \[TY1501\]$/,
      () => graph.scope('encoder', () => graph.scope('dense1', () => ops.matMul(x, w))),
    );
    fails('TY1501', /^Add: float32\[4, 2\] and float32\[3\]: the sizes do not broadcast/, () => ops.add(w, b));
    fails('TY1501', /the third does not broadcast/, () => ops.gemm(ops.reshape(x, ['196*batch', 4]), w, b));
    fails('TY1501', /cannot become \[7, 2\]/, () => ops.reshape(w, [7, 2]));
    fails('TY1501', /the parts 1 \+ 2 are not 2/, () => ops.split(w, [1, 2], 1));
    fails('TY1501', /the sizes differ on another axis than 1/, () =>
      ops.concat([w, graph.input('v', 'float32', [5, 2])], 1),
    );
    fails('TY1501', /there is no axis 2/, () => ops.reduceSum(w, [2]));
    fails('TY1501', /5 elements do not fill \[2, 3\]/, () => graph.initialiser('short', new Float32Array(5), [2, 3]));
  });

  it('refuses element types that an operator does not take', () => {
    const { graph, ops } = start();
    const x = graph.input('x', 'float32', ['batch']);
    const ids = graph.input('ids', 'int64', ['batch']);
    const word = graph.input('word', 'string', ['batch']);
    fails('TY1502', /^Add: float32\[batch\] and int64\[batch\]: the element types differ/, () => ops.add(x, ids));
    fails('TY1502', /string\[batch\] must be float32 or float64/, () => ops.relu(word));
    fails('TY1502', /must be int64 or int32/, () => ops.gather(x, x));
  });

  it('takes an operator that it has no rule for only with its output types', () => {
    const { graph } = start();
    const x = graph.input('x', 'float32', ['batch']);
    fails('TY1503', /Softsign: no shape rule/, () => graph.node('Softsign', [x]));
    assert.equal(graph.node('Softsign', [x], { outputs: [x] }).dtype, 'float32');
  });

  it('refuses a second value of one name', () => {
    const { graph } = start();
    graph.input('x', 'float32', []);
    fails('TY1503', /already has a value named x/, () => graph.input('x', 'float32', []));
  });
});
