/** `watchErrors` on real Parquet in a real store. @module */
import assert from 'node:assert/strict';
import { watchModelErrors } from '../../activities/watch-errors.js';
import { watchErrorsStage } from '../../src/stages/watch-errors.js';
import { attempt, datasetOf } from './evaluation-bench.js';
import { evaluation } from './evaluation-fixtures.js';
import { Flight, flights, modelOf } from './formula-tables.js';
import { TableBench } from './table-context.js';

const watchLate = watchModelErrors(watchErrorsStage({ row: Flight, target: 'late' }));

/** The labels of these rows the other way round: what was right is wrong. */
const turned = (select: string) => `SELECT * REPLACE (NOT late AS late) FROM (${select})`;

describe('watchModelErrors', () => {
  let bench: TableBench;
  before(async () => {
    bench = await TableBench.open();
  });
  after(() => bench.close());

  const model = () => modelOf(bench.store, Flight, ['score'], ['logit', 'probability']);

  it('finds that a model has become worse, in batches as in one piece', async () => {
    const [good, bad] = [flights(0, 1200), turned(flights(1200, 2400))];
    const dataset = await datasetOf(bench, Flight, {
      good,
      bad,
      all: `${good.replace(/ORDER BY i$/, '')} UNION ALL ${bad}`,
    });
    const input = { model: await model(), dataset };
    const { output: first } = await attempt(bench, watchLate, { ...input, split: 'good' });
    assert.deepEqual(first.changes, []);
    const next = { ...input, split: 'bad', detectors: first.detectors };
    const { output: second, tracked } = await attempt(bench, watchLate, next);
    const { output: whole } = await attempt(bench, watchLate, { ...input, split: 'all' });
    const adwin = whole.changes.find(({ detector }) => detector === 'ADWIN');
    assert.ok(adwin !== undefined && adwin.row > first.rows && adwin.row < first.rows + 200);
    assert.deepEqual(
      second.changes,
      whole.changes.map((change) => ({ ...change, row: change.row - first.rows })),
    );
    assert.equal(second.detectors.sha256, whole.detectors.sha256);
    assert.equal(tracked.metrics['changes'], second.changes.length);
  });

  it('says how groups are treated', async () => {
    const dataset = await datasetOf(bench, Flight, { batch: flights(1000, 1240) });
    const { output } = await attempt(bench, watchLate, { model: await model(), dataset, groups: ['carrier'] });
    assert.ok(Math.abs(output.meanError - (1 - evaluation.classification.accuracy)) < 1e-9);
    const [group] = output.groups;
    assert.equal(group?.column, 'carrier');
    assert.ok((group.demographicParity.difference ?? 0) > 0);
    assert.equal(group.demographicParity.fourFifths, (group.demographicParity.ratio ?? 0) >= 0.8);
    assert.ok((group.equalizedOdds.difference ?? 0) > 0);
  });
});
