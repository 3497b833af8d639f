/** Gradients agree with PyTorch's and with central differences. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Tensor } from 'onnxruntime-node';
import { TrainyardError } from '../../src/contracts/errors.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { Graph } from '../../src/onnx/graph.js';
import { Operators } from '../../src/onnx/operators.js';
import { gradientRules } from '../../src/training/gradient-rules.js';
import { gradients } from '../../src/training/gradients.js';
import { assertClose, fixture, tensor, withSession } from './fixtures.js';
import type { PackedTensor } from './fixtures.js';
import { operatorCases } from './operator-cases.js';

interface OperatorCase {
  readonly name: string;
  readonly inputs: readonly PackedTensor[];
  readonly dy: PackedTensor;
  readonly y: readonly number[];
  readonly gradients: readonly (readonly number[])[];
}

// `as`: the script that wrote the file is its schema.
const { cases } = fixture('gradients.json') as { cases: readonly OperatorCase[] };
const floats = (value: Tensor | undefined): Float32Array => value!.data as Float32Array;

/** y, the scalar Σ y·dy, and its gradient for each input. */
function modelOf({ name, inputs, dy }: OperatorCase, used: Set<string>): Uint8Array {
  const graph = new Graph();
  const ops = new Operators(graph);
  const values = inputs.map(({ shape }, index) => graph.input(`x${index}`, 'float32', shape));
  const y = operatorCases[name]!(ops, ...values);
  for (const { op } of graph.nodes) used.add(op);
  const seed = graph.input('dy', 'float32', dy.shape);
  const loss = ops.reduceSum(ops.mul(y, seed));
  const given = gradients(ops, { of: loss, gradient: graph.scalar(1) }, values);
  return encodeModel({
    graph,
    outputs: { y, loss, ...Object.fromEntries(given.map((value, index) => [`d${index}`, value])) },
  });
}

describe('gradients', () => {
  const used = new Set<string>(['Identity']);
  for (const given of cases) {
    it(`of ${given.name} are PyTorch's and those of central differences`, async () => {
      await withSession(modelOf(given, used), async (session) => {
        const feeds = Object.fromEntries(given.inputs.map((input, index) => [`x${index}`, tensor(input)]));
        const run = () => session.run({ ...feeds, dy: tensor(given.dy) });
        const results = await run();
        assertClose(floats(results['y']), given.y, 1e-5, 'y');
        // 1/√(σ² + ε) is 316 where σ = 0: float32 keeps five digits of what it multiplies.
        const tolerance = given.name.includes('σ') ? 2e-4 : 2e-6;
        const step = given.name.includes('σ') ? 1e-4 : 1e-2;
        for (const [index, expected] of given.gradients.entries()) {
          assertClose(floats(results[`d${index}`]), expected, tolerance, `gradient of input ${index}`);
          const data = floats(feeds[`x${index}`]);
          const differences: number[] = [];
          for (let k = 0; k < data.length; k++) {
            const at = data[k]!;
            data[k] = at + step;
            const [above, upper] = [floats((await run())['loss'])[0]!, data[k]!];
            data[k] = at - step;
            const [below, lower] = [floats((await run())['loss'])[0]!, data[k]!];
            data[k] = at;
            differences.push((above - below) / (upper - lower));
          }
          assertClose(
            differences,
            expected,
            given.name.includes('σ') ? 5e-2 : 3e-3,
            `central difference of input ${index}`,
          );
        }
      });
    });
  }

  it('are checked for every operator that has a rule', () => {
    assert.deepEqual(
      Object.keys(gradientRules).filter((op) => !used.has(op)),
      [],
    );
  });

  it('pass through a batch size known only at run time', async () => {
    const graph = new Graph();
    const ops = new Operators(graph);
    const x = graph.input('x', 'float32', ['batch', 4]);
    const w = graph.input('w', 'float32', [4, 6]);
    const h = ops.reshape(ops.matMul(x, w), ['batch', 2, 3]);
    const loss = ops.reduceMean(ops.mul(ops.reduceMean(h, [0]), ops.reduceMean(h, [0, 1])));
    const [dx, dw] = gradients(ops, { of: loss, gradient: graph.scalar(1) }, [x, w]);
    const bytes = encodeModel({ graph, outputs: { loss, dx: dx!, dw: dw! } });
    await withSession(bytes, async (session) => {
      for (const batch of [1, 5]) {
        const feeds = {
          x: new Float32Array(batch * 4).map((_, k) => Math.sin(k)),
          w: new Float32Array(24).map((_, k) => Math.cos(k)),
        };
        const run = () =>
          session.run({ x: new Tensor('float32', feeds.x, [batch, 4]), w: new Tensor('float32', feeds.w, [4, 6]) });
        const exact = await run();
        feeds.x[3]! += 1e-2;
        const more = await run();
        const difference = (floats(more['loss'])[0]! - floats(exact['loss'])[0]!) / 1e-2;
        assertClose([difference], [floats(exact['dx'])[3]!], 2e-3, `batch of ${batch}`);
        assert.equal(floats(exact['dx']).length, batch * 4);
      }
    });
  });

  it('refuse an operator without a rule, with the list of those that have one', () => {
    const graph = new Graph();
    const ops = new Operators(graph);
    const w = graph.input('w', 'float32', [3]);
    const loss = graph.scope('odd', () => ops.reduceSum(ops.sin(w)));
    assert.throws(
      () => gradients(ops, { of: loss, gradient: graph.scalar(1) }, [w]),
      (error) =>
        error instanceof TrainyardError &&
        error.code === 'TY1504' &&
        /^layer odd: Sin has no gradient; operators with a gradient: Identity, Add, .*ReduceMean\./.test(error.message),
    );
    assert.throws(
      () => gradients(ops, { of: loss, gradient: graph.scalar(1) }, [graph.input('v', 'float32', [1])]),
      /does not depend on v.*TY1503/,
    );
  });

  it('of 2^20 embedding elements are a float64 sum in each of 200 runs on two threads', async () => {
    const [rows, width, count] = [8192, 64, 16384] as const;
    const graph = new Graph();
    const ops = new Operators(graph);
    const table = graph.input('table', 'float32', [rows, width]);
    const y = ops.gather(table, graph.input('ids', 'int64', ['batch']));
    const [d] = gradients(ops, { of: y, gradient: graph.input('dy', 'float32', ['batch', width]) }, [table]);
    // Whole numbers: float32 and float64 sums are the same, so that equality is exact; a third of the ids is one row.
    const ids = BigInt64Array.from({ length: count }, (_, k) => (k % 3 === 0 ? 5n : BigInt((k * 7919) % rows)));
    const dy = Float32Array.from({ length: count * width }, (_, k) => ((k * 31) % 257) - 128);
    const sum = new Float64Array(rows * width);
    ids.forEach((id, row) => {
      for (let column = 0; column < width; column++) sum[Number(id) * width + column]! += dy[row * width + column]!;
    });
    const expected = Buffer.from(Float32Array.from(sum).buffer);
    await withSession(encodeModel({ graph, outputs: { d: d! } }), async (session) => {
      const zeros = () => new Tensor('float32', new Float32Array(rows * width), [rows, width]);
      const [result, feeds] = [zeros(), { table: zeros(), ids: new Tensor('int64', ids, [count]) }];
      for (let run = 0; run < 200; run++) {
        floats(result).fill(NaN);
        await session.run({ ...feeds, dy: new Tensor('float32', dy, [count, width]) }, { d: result });
        assert.ok(expected.equals(Buffer.from(floats(result).buffer)), `run ${run}`);
      }
    });
  });
});
