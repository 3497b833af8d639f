import assert from 'node:assert/strict';
import { putJson } from '../../src/artifacts/json.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import type { Column } from '../../src/contracts/columns.js';
import type { ModelRef } from '../../src/contracts/refs.js';
import { firstWeights, type Parameter } from '../../src/training/layers.js';
import { PreprocessingFit, type RawRows } from '../../src/training/preprocessing.js';
import { openScorer, type Scorer } from '../../src/training/scorer.js';
import { outputColumns, servedModel, tabularNetwork } from '../../src/training/tabular-model.js';

const columns: readonly Column[] = [
  { name: 'distance', type: 'number', nullable: false },
  { name: 'stops', type: 'integer', nullable: false },
  { name: 'holiday', type: 'boolean', nullable: false },
  { name: 'carrier', type: 'string', nullable: false },
];

const rows: RawRows = {
  rows: 3,
  columns: {
    distance: Float32Array.of(100, NaN, 300),
    stops: Float64Array.of(0, 1, 2),
    holiday: Float32Array.of(0, 1, 0),
    carrier: ['UA', 'AA', ''],
    late: Float32Array.of(0, 1, 0),
  },
};

describe('openScorer', () => {
  const store = new MemoryStore();
  let model: ModelRef;
  let scorer: Scorer;

  before(async () => {
    const fitting = new PreprocessingFit(columns);
    fitting.add(rows, new Float32Array(3).fill(1));
    const preprocessing = fitting.finish({ minWordCount: 1 });
    const network = tabularNetwork(preprocessing, { hidden: [4], dropout: 0, maxEmbeddingWidth: 2 });
    const shapes = { 'hidden.0.weight': [6, 4], 'hidden.0.bias': [4], 'output.weight': [4, 1], 'output.bias': [1] };
    const parameters = Object.entries({ ...shapes, 'embedding.carrier.table': [3, 2] }).map(
      ([name, shape]): Parameter => ({ name, shape, role: 'weight', first: { bound: 1 } }),
    );
    const head = { task: 'classification' } as const;
    const graph = await store.put(servedModel({ network, preprocessing, head }, firstWeights(parameters, 3)));
    const described = { inputs: [...columns], outputs: outputColumns(head) };
    const manifest = { version: 1, graph, ...described, dataset: 'ab'.repeat(32), numerics: {} };
    model = { ...(await putJson(store, manifest)), kind: 'model', ...described };
    scorer = await openScorer(store, model);
  });
  after(() => scorer.release());

  it('answers for each row, whatever other rows it comes with', async () => {
    const { logit, probability } = await scorer.score(rows);
    assert.equal(logit?.length, 3);
    assert.equal(new Set(logit).size, 3);
    probability?.forEach((value, row) => {
      assert.ok(Math.abs(value - 1 / (1 + Math.exp(-(logit[row] ?? NaN)))) < 1e-6);
    });
    const first = Object.entries(rows.columns).map(([name, values]) => [name, values.slice(0, 1)]);
    const alone = await scorer.score({ rows: 1, columns: Object.fromEntries(first) as RawRows['columns'] });
    assert.ok(Math.abs((alone['logit']?.[0] ?? NaN) - (logit[0] ?? NaN)) < 1e-6);
  });

  it('says what it takes and answers', () => {
    assert.deepEqual(scorer.inputs, columns);
    assert.deepEqual(
      scorer.outputs.map(({ name }) => name),
      ['logit', 'probability'],
    );
  });

  it('leaves the event loop to others before each batch', async () => {
    let turns = 0;
    const count = () => {
      turns++;
      if (turns < 1000) timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    for (let batch = 0; batch < 5; batch++) await scorer.score(rows);
    clearImmediate(timer);
    assert.ok(turns >= 5, String(turns));
  });

  it('names the column and the row of what it cannot take', async () => {
    const change = (name: string, values: RawRows['columns'][string]) =>
      scorer.score({ ...rows, columns: { ...rows.columns, [name]: values } });
    await assert.rejects(
      change('stops', Float64Array.of(0, 1.5, 2)),
      /column stops takes whole numbers, row 1 has 1\.5/,
    );
    await assert.rejects(change('stops', Float64Array.of(0, 1, NaN)), /row 2 has NaN.*TY1505/);
    await assert.rejects(change('carrier', Float32Array.of(1, 2, 3)), /column carrier has numbers, not words/);
    await assert.rejects(change('distance', ['1', '2', '3']), /column distance has words, not numbers/);
    await assert.rejects(scorer.score({ rows: 3, columns: {} }), /column distance is missing/);
  });

  it('refuses a ref that is no model', async () => {
    const ref = await putJson(store, { version: 1 });
    await assert.rejects(openScorer(store, { ...model, ...ref }), /TY1208/);
  });
});
