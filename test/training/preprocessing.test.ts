import fc from 'fast-check';
import assert from 'node:assert/strict';
import type { Column } from '../../src/contracts/columns.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { Graph } from '../../src/onnx/graph.js';
import { Operators } from '../../src/onnx/operators.js';
import { forgetWords, RowEncoder } from '../../src/training/encode-rows.js';
import { prepareColumns } from '../../src/training/prepare-columns.js';
import { type Preprocessing, PreprocessingFit, type RawRows } from '../../src/training/preprocessing.js';
import { columnTensor } from '../../src/training/scorer.js';
import { openSession } from '../../src/training/session.js';

const column = (name: string, type: Column['type'], nullable = false): Column => ({ name, type, nullable });

const columns = [
  column('distance', 'number'),
  column('wind', 'number', true),
  column('stops', 'integer'),
  column('seats', 'integer', true),
  column('holiday', 'boolean'),
  column('strike', 'boolean', true),
  column('departs', 'timestamp'),
  column('arrives', 'timestamp', true),
  column('carrier', 'string'),
  column('gate', 'string', true),
];

/** 2013-05-01T00:00:00Z. */
const may = 1_367_366_400;

const rows: RawRows = {
  rows: 6,
  columns: {
    distance: Float32Array.of(100, 200, 300, 400, 500, 1e9),
    wind: Float32Array.of(1, NaN, 3, 5, NaN, 7),
    stops: Float64Array.of(0, 1, 2, 1, 0, 9),
    seats: Float64Array.of(100, NaN, 150, 180, 200, 9),
    holiday: Float32Array.of(0, 1, 0, 0, 1, 1),
    strike: Float32Array.of(0, NaN, 0, 1, 0, 1),
    departs: Float64Array.of(may, may + 1, may + 3600, may + 86_400, may + 90_000, may * 2),
    arrives: Float64Array.of(may + 60, NaN, may + 4000, may + 90_400.75, may + 95_000, may * 2),
    carrier: ['UA', 'AA', 'UA', 'AA', 'UA', 'ZZ'],
    gate: ['A1', '', 'A1', 'B2', 'A1', 'Z9'],
  },
};

/** Fitted on the first five rows. */
function fit(minWordCount = 1): Preprocessing {
  const fitting = new PreprocessingFit(columns);
  fitting.add(rows, Float32Array.of(1, 1, 1, 1, 1, 0));
  return fitting.finish({ minWordCount });
}

const numberOf = (preprocessing: Preprocessing, name: string) => {
  const found = preprocessing.numbers.find((number) => number.column.name === name);
  assert.ok(found);
  return found;
};

describe('preprocessing', () => {
  it('is fitted on the rows that are trained on, and on no other', () => {
    const { mean, deviation } = numberOf(fit(), 'distance');
    assert.equal(mean, 300);
    assert.ok(Math.abs(deviation - Math.sqrt(20_000)) < 1e-9);
    assert.deepEqual(
      fit().categories.map(({ words }) => words),
      [
        ['', 'AA', 'UA'],
        ['', 'A1', 'B2'],
      ],
    );
  });

  it('leaves missing values out of means, and gives an indicator to what was missing or may be', () => {
    assert.equal(numberOf(fit(), 'wind').mean, 3);
    const indicators = fit().numbers.filter(({ indicator }) => indicator);
    assert.deepEqual(
      indicators.map(({ column: { name } }) => name),
      ['wind', 'seats', 'strike', 'arrives'],
    );
    const once = new PreprocessingFit([column('x', 'number')]);
    once.add({ rows: 2, columns: { x: Float32Array.of(1, NaN) } }, Float32Array.of(1, 1));
    assert.equal(numberOf(once.finish({ minWordCount: 1 }), 'x').indicator, true);
  });

  it('knows no word that is rarer than asked, and no more words than asked', () => {
    assert.deepEqual(fit(2).categories[1]?.words, ['', 'A1']);
    const fitting = new PreprocessingFit(columns);
    fitting.add(rows, new Float32Array(6).fill(1));
    const few = fitting.finish({ minWordCount: 1, maxWords: 1 });
    assert.deepEqual(
      few.categories.map(({ words }) => words),
      [
        ['', 'UA'],
        ['', 'A1'],
      ],
    );
  });

  it('survives constant and empty columns', () => {
    const fitting = new PreprocessingFit([column('same', 'number'), column('none', 'timestamp', true)]);
    const dull = { rows: 2, columns: { same: Float32Array.of(4, 4), none: Float64Array.of(NaN, NaN) } };
    fitting.add(dull, Float32Array.of(1, 1));
    const { numbers } = new RowEncoder(fitting.finish({ minWordCount: 1 })).encode(dull);
    assert.deepEqual([...(numbers ?? [])], [0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  });

  it('tells two seconds of 2013 apart, which float32 cannot hold', () => {
    assert.equal(Math.fround(may), Math.fround(may + 1));
    const encoder = new RowEncoder(fit());
    const { numbers } = encoder.encode(rows);
    const width = (numbers?.length ?? 0) / rows.rows;
    const departs = fit().numbers.findIndex(({ column: { name } }) => name === 'departs');
    assert.notEqual(numbers?.[departs], numbers?.[width + departs]);
  });

  it('holds what lies far outside of the training rows at a bound', () => {
    const encoder = new RowEncoder(fit());
    const { numbers } = encoder.encode(rows);
    const last = numbers?.slice((5 / 6) * numbers.length) ?? [];
    const { numbers: fitted } = fit();
    const at = (name: string) => last[fitted.findIndex((number) => number.column.name === name)];
    assert.equal(at('distance'), 10);
    assert.equal(at('departs'), Math.fround(numberOf(fit(), 'departs').high));
    assert.ok(numberOf(fit(), 'departs').high < 3);
  });

  it('makes words unknown at random, a pure function of seed and step', () => {
    const ids = () => ({ 'ids.carrier': new BigInt64Array(10_000).fill(1n), numbers: Float32Array.of(5) });
    const [first, again, later] = [ids(), ids(), ids()];
    forgetWords(first, { seed: 1, step: 3, share: 0.1 });
    forgetWords(again, { seed: 1, step: 3, share: 0.1 });
    forgetWords(later, { seed: 1, step: 4, share: 0.1 });
    const unknown = first['ids.carrier'].filter((id) => id === 0n).length;
    assert.ok(unknown > 900 && unknown < 1100, String(unknown));
    assert.deepEqual(first, again);
    assert.notDeepEqual(first, later);
  });

  it('is the same arithmetic in the served graph, unknown and missing values included', async () => {
    const preprocessing = fit();
    const graph = new Graph();
    const outputs = prepareColumns(new Operators(graph), preprocessing);
    const named = Object.fromEntries(Object.entries(outputs).map(([name, value]) => [`made ${name}`, value]));
    const model = encodeModel({ graph, outputs: named });
    const session = await openSession(model, { provider: 'cpu', threads: 1 });
    const second = fc.integer({ min: 0, max: 4e9 });
    const missing = (of: fc.Arbitrary<number>) => fc.oneof(fc.constant(NaN), of);
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    const row = fc.record({
      distance: missing(float),
      wind: missing(float),
      stops: fc.maxSafeInteger(),
      seats: missing(fc.integer()),
      holiday: fc.constantFrom(0, 1),
      strike: fc.constantFrom(0, 1, NaN),
      departs: second,
      arrives: missing(fc.double({ min: 0, max: 4e9, noNaN: true })),
      carrier: fc.constantFrom('UA', 'AA', '', 'unseen', 'ü'),
      gate: fc.constantFrom('A1', 'B2', '', 'a1'),
    });
    const encoder = new RowEncoder(preprocessing);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (given) => {
        const raw = rawRows(given);
        const feeds = Object.fromEntries(columns.map((one) => [one.name, columnTensor(one, raw)]));
        const served = await session.run(feeds);
        for (const [name, expected] of Object.entries(encoder.encode(raw))) {
          const made = served[`made ${name}`]?.data as Float32Array | BigInt64Array; // as prepareColumns declares them
          for (let i = 0; i < expected.length; i++)
            assert.ok(
              Math.abs(Number(made[i]) - Number(expected[i])) <= 1e-6,
              `${name}[${i}]: ${made[i]} ${expected[i]}`,
            );
        }
      }),
      { numRuns: 200 },
    );
    await session.release();
  });

  function rawRows(given: readonly Readonly<Record<string, number | string>>[]): RawRows {
    const values = columns.map(({ name, type }) => {
      const all = given.map((one) => one[name] ?? '');
      if (type === 'string') return [name, all.map(String)] as const;
      const wide = type === 'integer' || type === 'timestamp';
      return [name, wide ? Float64Array.from(all, Number) : Float32Array.from(all, Number)] as const;
    });
    return { rows: given.length, columns: Object.fromEntries<RawRows['columns'][string]>(values) };
  }
});
