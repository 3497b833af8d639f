import assert from 'node:assert/strict';
import { z } from 'zod';
import { validateRows, validateTables } from '../../activities/validate-tables.js';
import { readJson } from '../../src/artifacts/json.js';
import { columnsOf } from '../../src/contracts/columns.js';
import type { DatasetRef } from '../../src/contracts/refs.js';
import { ValidationReport } from '../../src/stages/expectations.js';
import { validateStage } from '../../src/stages/validate.js';
import { makeDataset } from '../data/make-dataset.js';
import { TableBench } from './table-context.js';

const Order = z.object({
  id: z.int(),
  customer: z.string().nullable(),
  amount: z.number().nullable(),
  paid: z.boolean(),
  at: z.iso.datetime(),
});
type Order = z.output<typeof Order>;
const validate = validateStage({ row: Order });
type Expectations = NonNullable<z.input<typeof validate.input>['expectations']>;

describe('validate', () => {
  let bench: TableBench;
  let orders: DatasetRef<Order>;
  before(async () => {
    bench = await TableBench.open();
    const rows = (from: number, until: number) => `
      SELECT i::BIGINT AS id, CASE WHEN i % 10 > 0 THEN 'c' || (i % 30) END AS customer, i / 2 AS amount, i % 10 = 0 AS paid,
             TIMESTAMPTZ '2024-01-01 00:00:00+00' + to_hours(i::INT) AS "at" FROM range(${from}, ${until}) t(i)`;
    orders = await makeDataset<Order>(bench.store, columnsOf(Order), [
      { split: 'train', select: rows(0, 80) },
      { split: 'test', select: rows(79, 100) }, // order 79 stands in both
    ]);
  });
  after(() => bench.close());

  const run = (expectations: Expectations, more: { failOn?: 'never'; dataset?: DatasetRef<Order> } = {}) =>
    validateRows(bench.context(validate.input.parse({ dataset: orders, expectations, ...more })));
  async function findings(expectations: Expectations) {
    const { report } = await run(expectations, { failOn: 'never' });
    return (await readJson(bench.store, report, ValidationReport)).findings;
  }

  it('implements the contract of any row', () => {
    assert.equal(validateTables(validate).contract, validate);
  });

  it('passes a dataset that is as expected', async () => {
    const result = await run([
      { expect: 'notNull', column: 'id' },
      { expect: 'between', column: 'amount', min: 0, max: 49.5 },
      { expect: 'between', column: 'at', min: '2024-01-01', max: '2024-01-05T05:00:00+01:00' },
      { expect: 'inSet', column: 'paid', values: [true, false] },
      { expect: 'matches', column: 'customer', pattern: 'c[0-9]+' },
      { expect: 'rowCount', min: 101, max: 101 },
      { expect: 'rowCount', split: 'test', min: 21 },
      { expect: 'freshness', column: 'at', asOf: '2024-01-05T10:00:00Z', maxAgeHours: 8 },
      { expect: 'classBalance', column: 'paid', min: 0.05 },
    ]);
    assert.equal(result.passed, true);
    assert.deepEqual([result.failures, result.warnings], [0, 0]);
  });

  it('counts and samples what breaks an expectation', async () => {
    const all = await findings([
      { expect: 'notNull', column: 'customer' },
      { expect: 'unique', columns: ['id'] },
      { expect: 'between', column: 'amount', max: 48 },
      { expect: 'inSet', column: 'customer', values: ['c1', 'c2'] },
      { expect: 'matches', column: 'customer', pattern: '.[0-9]' },
      { expect: 'noSharedKeys', columns: ['id', 'at'] },
    ]);
    assert.deepEqual(
      all.map(({ failing }) => failing),
      [10, 1, 3, 83, 55, 1],
    );
    assert.ok(all.every(({ passed, samples }) => !passed && samples.length > 0 && samples.length <= 10));
    assert.deepEqual(all[0]?.samples[1], {
      id: 10,
      customer: null,
      amount: 5,
      paid: true,
      at: '2024-01-01T10:00:00.000Z',
      split: 'train',
    });
    assert.deepEqual(all[1]?.samples, [{ id: 79, count: 2 }]);
    assert.deepEqual(all[5]?.samples, [{ id: 79, at: '2024-01-04T07:00:00.000Z', splits: ['test', 'train'] }]);
  });

  it('says what it measured of counts, ages and shares', async () => {
    const all = await findings([
      { expect: 'rowCount', split: 'train', min: 100 },
      { expect: 'freshness', column: 'at', asOf: '2024-02-01', maxAgeHours: 24 },
      { expect: 'classBalance', column: 'paid', min: 0.2 },
    ]);
    assert.deepEqual(
      all.map(({ failing, observed }) => [failing, observed]),
      [
        [1, 80],
        [1, '2024-01-05T03:00:00.000Z'],
        [1, 10 / 101],
      ],
    );
    assert.deepEqual(all[2]?.samples, [{ paid: true, count: 10 }]);
  });

  it('fails with the first failures and the digest of the report, unless told never to', async () => {
    const broken: Expectations = [
      { expect: 'unique', columns: ['id'] },
      { expect: 'between', column: 'amount', max: 48, severity: 'warning' },
    ];
    const { report, passed, failures, warnings } = await run(broken, { failOn: 'never' });
    assert.deepEqual([passed, failures, warnings], [false, 1, 1]);
    await assert.rejects(run(broken), {
      code: 'TY1411',
      message: new RegExp(
        `1 expectation does not hold: expect "unique", columns \\["id"\\]: 1 failing; report sha256:${report.sha256}`,
      ),
    });
    assert.equal((await run(broken.slice(1))).passed, true);
  });

  it('makes the same report of the same dataset', async () => {
    const expectations: Expectations = [{ expect: 'notNull', column: 'customer' }];
    const [one, two] = [await run(expectations, { failOn: 'never' }), await run(expectations, { failOn: 'never' })];
    assert.deepEqual(one, two);
  });

  it('refuses a column that the row lacks and splits that the dataset lacks', async () => {
    assert.throws(() =>
      validate.input.parse({ dataset: orders, expectations: [{ expect: 'notNull', column: 'nothing' }] }),
    );
    const whole = await makeDataset<Order>(bench.store, columnsOf(Order), [
      {
        select: `SELECT 1::BIGINT AS id, 'c' AS customer, 1.5 AS amount, true AS paid, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS "at"`,
      },
    ]);
    await assert.rejects(run([{ expect: 'noSharedKeys', columns: ['id'] }], { dataset: whole }), { code: 'TY1409' });
  });
});
