import assert from 'node:assert/strict';
import { tabularTrainer } from '../../activities/train-tabular.js';
import { implementStage } from '../../src/activity/implement-stage.js';
import { columnsOf } from '../../src/contracts/columns.js';
import { ModelManifest } from '../../src/contracts/manifests.js';
import { ParitySamples } from '../../src/contracts/parity.js';
import type { DatasetRef, ModelRef } from '../../src/contracts/refs.js';
import { readJson } from '../../src/artifacts/json.js';
import { trainTabularStage } from '../../src/stages/train-tabular.js';
import { rocAuc } from '../../src/statistics/ranking.js';
import type { RawRows } from '../../src/training/preprocessing.js';
import { openScorer } from '../../src/training/scorer.js';
import { callerOf } from '../activity/support.js';
import { makeDataset } from '../data/make-dataset.js';
import { processesNaming } from '../support/processes.js';
import { Attempts, type Fate, Killed } from '../training/attempts.js';
import { selectTrips, trainTrips, Trip } from './late-trips.js';
import { TableBench } from './table-context.js';

describe('the tabular trainer', () => {
  let bench: TableBench;
  let dataset: DatasetRef<Trip>;
  const contract = trainTrips;
  const features = ['city', 'distance', 'wind', 'stops', 'seats', 'holiday', 'departs'] as const;
  const settings = { seed: 7, epochs: 4, batchSize: 64, rate: 0.01, hidden: [16], checkpointEvery: { steps: 10 } };

  before(async () => {
    bench = await TableBench.open();
    dataset = await makeDataset<Trip>(bench.store, columnsOf(Trip), [
      { split: 'train', select: selectTrips(0, 3000) },
      { split: 'test', select: selectTrips(3000, 4000) },
    ]);
  });
  after(() => bench.close());

  /** One attempt; every one in a call of its own, unless `attempts` are given. */
  async function train(
    overrides: object = {},
    attempts = new Attempts(bench.store),
    fate: Fate = {},
    stage = contract,
  ) {
    const input = stage.input.parse({ dataset, features: [...features], ...settings, ...overrides });
    const loop = await attempts.next(fate);
    const stands = { ...bench.context(input, loop.signal), checkpoints: loop.checkpoints, log: loop.log };
    const track = { params: () => undefined, note: () => undefined, ...loop.track };
    // What a trainer of tables uses of a context: figures, secrets and the run's names are not among it.
    const context = { ...stands, track, seed: 1, devices: [] } as unknown as Parameters<Trainer['run']>[0];
    return tabularTrainer(stage).run(context);
  }
  type Trainer = ReturnType<typeof tabularTrainer>;

  /** Scores rows of the split `test`. */
  async function answers(
    model: ModelRef,
    target: keyof Trip,
    change: (columns: RawRows['columns']) => RawRows['columns'],
  ) {
    const scorer = await openScorer(bench.store, model);
    const [scores, targets]: [number[], number[]] = [[], []];
    const columns = [...features, target];
    for await (const { rows, columns: raw } of bench.data.batches(dataset, {
      columns,
      batchSize: 512,
      split: 'test',
    })) {
      const answer = await scorer.score({ rows, columns: change(raw) });
      scores.push(...(answer['probability'] ?? answer['prediction'] ?? []));
      targets.push(...(raw[target] ?? []).map(Number));
    }
    await scorer.release();
    return { scores, targets };
  }

  it('learns a boolean from numbers, words, instants and what is missing', async () => {
    const output = contract.output.parse(await train());
    const { scores, targets } = await answers(output.model, 'late', (columns) => columns);
    const known = targets.flatMap((target, row) => (Number.isNaN(target) ? [] : [row]));
    const auc = rocAuc(
      known.map((row) => targets[row] ?? 0),
      known.map((row) => scores[row] ?? 0),
    );
    assert.ok(auc > 0.85, String(auc));
    assert.ok((output.validation['auc'] ?? 0) > 0.85);
    assert.equal(output.steps, 4 * 47);
    const manifest = await readJson(bench.store, output.model, ModelManifest);
    assert.deepEqual(
      manifest.inputs.map(({ name }) => name),
      features,
    );
    assert.equal(manifest.dataset, dataset.sha256);
    assert.equal(manifest.numerics['seed'], 7);
  });

  it('leaves rows with its own outputs, which the served model agrees with to 1e-5, hard rows among them', async () => {
    const { model, parity } = await train();
    const samples = await readJson(bench.store, parity, ParitySamples);
    assert.equal(samples.rows.length, 1000);
    assert.equal(samples.model, model.sha256);
    assert.ok(samples.rows.some(({ wind, city }) => wind === null && city === null));
    assert.ok(samples.rows.some(({ city }) => typeof city === 'string' && !['Oslo', 'Rome', 'Bern'].includes(city)));
    const scorer = await openScorer(bench.store, model);
    const columns = scorer.inputs.map(({ name, type }) => {
      const values = samples.rows.map((row) => row[name] ?? null);
      if (type === 'string') return [name, values.map((value) => String(value ?? ''))] as const;
      const number = (value: (typeof values)[number]) =>
        value === null ? NaN : type === 'timestamp' ? Date.parse(String(value)) / 1000 : Number(value);
      return [name, Float64Array.from(values, number)] as const;
    });
    const served = await scorer.score({ rows: 1000, columns: Object.fromEntries<RawRows['columns'][string]>(columns) });
    await scorer.release();
    for (const name of ['logit', 'probability'])
      samples.outputs[name]?.forEach((value, row) => {
        assert.ok(Math.abs((served[name]?.[row] ?? NaN) - (value ?? NaN)) <= 1e-5, `${name} of row ${row}`);
      });
  });

  it('has a trained answer to words that it never saw', async () => {
    const { model } = await train({ unknownShare: 0.1 });
    const mean = async (city: string) => {
      const { scores } = await answers(model, 'late', (columns) => ({
        ...columns,
        city: Array.from({ length: columns['city']?.length ?? 0 }, () => city),
      }));
      return scores.reduce((sum, score) => sum + score, 0) / scores.length;
    };
    const [oslo, rome, unknown] = [await mean('Oslo'), await mean('Rome'), await mean('Atlantis')];
    assert.ok(rome + 0.1 < unknown && unknown < oslo - 0.1, `${rome} ${unknown} ${oslo}`);
  });

  it('learns a number, in its own unit', async () => {
    const regression = trainTabularStage({ row: Trip, target: 'delay', pool: 'cpu' });
    const output = await train({}, undefined, {}, regression as never);
    const { scores, targets } = await answers(output.model, 'delay', (columns) => columns);
    const error = Math.sqrt(
      scores.reduce((sum, score, row) => sum + (score - (targets[row] ?? 0)) ** 2, 0) / scores.length,
    );
    assert.ok(error < 3, String(error));
    assert.ok((output.validation['rmse'] ?? Infinity) < 3);
  });

  it('gives the same model, byte for byte, broken or not', async () => {
    const unbroken = await train();
    const attempts = new Attempts(bench.store);
    for (const fate of [{ killedAfter: 25 }, { stoppedAfter: 60 }, { killedAfter: 47 }])
      await assert.rejects(
        train({}, attempts, fate),
        (error) => error instanceof Killed || /drained/.test(String(error)),
      );
    assert.deepEqual(await train({}, attempts), unbroken);
  });

  it('does so in its own process too, killed with -9', async () => {
    const stage = implementStage(contract).inChild(new URL('./late-trips-trainer.js', import.meta.url));
    const caller = await callerOf(stage, { store: bench.store });
    const input = contract.input.parse({ dataset, features: [...features], ...settings });
    const first = caller.attempt(input);
    await first.until(({ done }) => done > 40);
    const trainers = processesNaming('late-trips-trainer.js').filter(({ parent }) => parent === process.pid);
    for (const { pid } of trainers) process.kill(pid, 'SIGKILL');
    await assert.rejects(first.envelope);
    const { output, attempts } = await caller.attempt(input).envelope;
    assert.equal(attempts, 2);
    assert.deepEqual(output, await train());
  });

  it('goes on with its batches in parts where it ran out of memory, and comes to the same model but for rounding', async () => {
    const unbroken = await train();
    const input = contract.input.parse({ dataset, ...settings });
    const adapted = contract.adaptations.OutOfMemory?.adapt(input, 1, {})?.input;
    assert.deepEqual(adapted, { ...input, microBatches: 2 });
    const attempts = new Attempts(bench.store);
    await assert.rejects(train({}, attempts, { stoppedAfter: 60 }), /drained/);
    const { validation, steps } = await train({ microBatches: 2 }, attempts);
    assert.deepEqual(attempts.warnings, ['resumed on different numerics: microBatches: 1 became 2']);
    assert.equal(steps, unbroken.steps);
    const [loss, wanted] = [validation['validationLoss'] ?? NaN, unbroken.validation['validationLoss'] ?? NaN];
    assert.ok(Math.abs(loss - wanted) < 1e-4, `${loss} ${wanted}`);
  });

  it('has no smaller parts to offer than rows, and halves the rate from an earlier checkpoint where it diverged', () => {
    const input = contract.input.parse({ dataset, ...settings, microBatches: 32 });
    const { OutOfMemory, Diverged } = contract.adaptations;
    assert.deepEqual(OutOfMemory?.adapt(input, 1, {}), { input: { ...input, microBatches: 64 } });
    assert.equal(OutOfMemory.adapt({ ...input, microBatches: 64 }, 2, {}), undefined);
    assert.deepEqual(Diverged?.adapt(input, 1, {}), { input: { ...input, rate: 0.005 }, rollBack: 1 });
  });

  it('gives other weights for another seed, and draws one from the stage call where none is named', async () => {
    const [named, drawn, again] = [await train(), await train({ seed: undefined }), await train({ seed: 1 })];
    assert.notEqual(named.weights, drawn.weights);
    assert.equal(drawn.weights, again.weights);
  });

  it('validates on a split of its own, on the last rows, or not at all', async () => {
    const bySplit = await train({ validationSplit: 'test', epochs: 1 });
    const byTime = await train({ holdOut: 'last', epochs: 1 });
    assert.ok((bySplit.validation['auc'] ?? 0) > 0 && (byTime.validation['auc'] ?? 0) > 0);
    assert.notEqual(bySplit.weights, byTime.weights);
    const without = await train({ validationShare: 0, epochs: 1 });
    assert.deepEqual(without.validation, {});
    assert.equal(without.bestStep, without.steps);
  });

  it('refuses rows without targets, a split that is not there and a column that the dataset lacks', async () => {
    const blank = await makeDataset<Trip>(bench.store, columnsOf(Trip), [
      { split: 'train', select: `SELECT * REPLACE (NULL::BOOLEAN AS late) FROM (${selectTrips(0, 10)})` },
    ]);
    await assert.rejects(train({ dataset: blank }), /TY2050/);
    await assert.rejects(train({ trainSplit: 'spring' }), /no split "spring"/);
    const narrow = { ...dataset, columns: dataset.columns.filter(({ name }) => name !== 'seats') };
    const refused = contract.input.safeParse({ dataset: narrow, features: ['wind', 'weather'] });
    assert.equal(refused.success, false);
    await assert.rejects(train({ dataset: narrow }), /seats.*TY1005/);
  });
});
