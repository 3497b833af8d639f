import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { digestJson } from '../../src/artifacts/digest.js';
import { putJson } from '../../src/artifacts/json.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { collect } from '../../src/artifacts/verified.js';
import { objectKey } from '../../src/contracts/names.js';
import type { Ref } from '../../src/contracts/refs.js';
import { models } from '../../src/contracts/model-registry.js';
import { ModelVersion } from '../../src/contracts/model-version.js';
import { changeDirectly } from '../../src/records/entity-heads.js';
import { keepDecision } from '../../src/records/decisions.js';
import { publishHead } from '../../src/records/heads.js';
import { bytes, listed, temporaryFolder, text } from '../artifacts/support.js';
import { decision } from '../records/decision.js';
import { Call, stageKey } from '../records/support.js';
import { age, collected, condemnedIn, dayMs, hourMs, namespaceWith } from './support.js';

describe('a collection of garbage', () => {
  let root: string;
  let store: ArtifactStore;
  beforeEach(async () => {
    root = await temporaryFolder();
    store = await openFileStore(root);
  });

  const old = async (content: string): Promise<Ref> => {
    const ref = await store.put(bytes(content));
    await age(root, ref.sha256);
    return ref;
  };
  const oldJson = async (value: unknown): Promise<Ref> => {
    const ref = await putJson(store, value);
    await age(root, ref.sha256);
    return ref;
  };
  const readable = async (ref: Ref) => text(await collect(store.get(ref))) !== undefined;

  it('lays old garbage aside first, deletes it when it has lain as long, and touches nothing young', async () => {
    const garbage = await old('garbage');
    const young = await store.put(bytes('young'));
    const first = await collected(store);
    assert.deepEqual(
      first.done.map(({ action }) => action),
      ['condemn'],
    );
    assert.deepEqual(first.kept, { referenced: 0, young: 1, waiting: 1, runs: 0, damaged: 0 });
    assert.deepEqual((await collected(store)).done, []);
    await age(root, garbage.sha256, 'condemned');
    assert.deepEqual(
      (await collected(store)).done.map(({ action }) => action),
      ['discard'],
    );
    await assert.rejects(readable(garbage), { code: 'TY1201' });
    assert.ok(await readable(young));
  });

  it('keeps what heads name, and what is named by what they name, however large the documents are', async () => {
    const files = await Promise.all(Array.from({ length: 20 }, (_, index) => old(`file ${index}`)));
    const padding = 'x'.repeat(9 * 1024 * 1024);
    const list = await oldJson({ files, padding });
    const model = await oldJson({ graph: await old('graph'), list });
    await publishHead(store, 'deployments', 'churn', { model });
    await publishHead(store, 'deployments', 'churn', { model: null });
    const garbage = await oldJson({ list });
    const { done, kept } = await collected(store);
    assert.deepEqual(
      done.map((one) => (one.action === 'condemn' ? one.sha256 : one.action)),
      [garbage.sha256],
    );
    assert.equal(kept.referenced, 23);
  });

  it('keeps what versions of models name: model, report and data that are refs', async () => {
    const kept = { model: await old('weights'), report: await old('report'), datasets: { train: await old('rows') } };
    const mark = await old('rows that only their digest is kept of');
    const version = ModelVersion.parse({ ...kept, datasets: { ...kept.datasets, test: { sha256: mark.sha256 } } });
    const request = { id: 'a', reason: 'a test', change: { type: 'register' as const, versions: [version] } };
    await changeDirectly(store, models, 'churn', request, { name: 'ana', standing: 'claimed' });
    const { done, kept: counted } = await collected(store);
    assert.deepEqual(
      done.map((one) => (one.action === 'condemn' ? one.sha256 : one.action)),
      [mark.sha256],
    );
    assert.equal(counted.referenced, 3);
  });

  it('keeps what was shown to those who decided', async () => {
    const evidence = { report: await old('report') };
    await keepDecision(store, { ...decision, evidence, evidenceDigest: digestJson(evidence) }, undefined);
    assert.deepEqual((await collected(store)).done, []);
  });

  it('keeps what is left of a damaged document needed, and says that there is one', async () => {
    const graph = await oldJson({ weights: await old('weights') });
    const model = await oldJson({ graph, note: 'to be damaged' });
    await publishHead(store, 'models', 'churn', { model });
    const path = join(root, objectKey(model.sha256));
    await chmod(path, 0o644);
    await writeFile(path, (await readFile(path, 'utf8')).replace('damaged', 'demaged'));
    await age(root, model.sha256);
    const { done, kept } = await collected(store);
    assert.deepEqual([done, kept.referenced, kept.damaged], [[], 3, 1]);
  });

  it('brings back what was laid aside and is named again', async () => {
    const ref = await old('wanted again');
    await collected(store);
    await publishHead(store, 'models', 'a', { ref });
    assert.deepEqual((await collected(store)).done, [], 'looking into it has brought it back');
    assert.deepEqual(await condemnedIn(root), []);
    assert.ok(await readable(ref));
  });

  it('changes nothing in a dry run, and says the same', async () => {
    await old('garbage');
    const call = new Call(store);
    await (await (await call.start()).open()).save({ step: 1 }, { w: bytes('w') });
    const before = await listed(store, 'checkpoints/');
    const dry = await collected(store, { dryRun: true });
    assert.deepEqual(await listed(store, 'checkpoints/'), before);
    assert.deepEqual(await condemnedIn(root), []);
    const wet = await collected(store);
    assert.deepEqual(dry.done, wet.done);
    assert.deepEqual(wet.done.map(({ action }) => action).sort(), ['condemn', 'forget']);
  });

  it('deletes nothing that is younger than the oldest running attempt, neither in its place nor laid aside', async () => {
    const held = await old('written three days into an attempt that runs for a week');
    const began = (await store.housekeeping.now()) - 7 * dayMs;
    const running = namespaceWith([{ workflowId: 'churn/long', runId: 'r', closedMs: undefined }], began);
    assert.deepEqual((await collected(store, { temporal: running })).done, []);
    await collected(store);
    await age(root, held.sha256, 'condemned');
    assert.deepEqual((await collected(store, { temporal: running })).done, []);
    assert.ok(await readable(held));
  });

  describe('of runs', () => {
    /** A checkpoint, and a log, of an attempt in the year 2023. */
    const train = async () => {
      const attempt = await new Call(store).start();
      await (await attempt.open()).save({ step: 1 }, { w: bytes('weights') });
      for await (const { sha256 } of store.housekeeping.objects()) await age(root, sha256);
    };
    const records = async () =>
      (await listed(store, 'checkpoints/')).length + (await listed(store, 'attempts/')).length;
    const run = (closedMs: number | undefined) => [{ workflowId: 'churn/run-1', runId: 'r', closedMs }];

    for (const [what, closedMs] of [
      ['open', undefined],
      ['closed a day ago', Date.now() - dayMs],
    ] as const)
      it(`keeps the records and checkpoints of one that is ${what}`, async () => {
        await train();
        const { done, kept } = await collected(store, { temporal: namespaceWith(run(closedMs)) });
        assert.deepEqual([done, kept.runs, kept.referenced], [[], 1, 1]);
      });

    for (const [what, known] of [
      ['closed long ago', run(Date.now() - 40 * dayMs)],
      ['that nobody knows any more', []],
    ] as const)
      it(`forgets one ${what}, and its files with it`, async () => {
        await train();
        const { done } = await collected(store, { temporal: namespaceWith(known) });
        const [first, ...others] = done;
        assert.ok(first?.action === 'forget' && first.workflowId === 'churn/run-1' && first.records === 4);
        assert.deepEqual(
          others.map(({ action }) => action),
          ['condemn'],
        );
        assert.equal(await records(), 0);
      });

    it('keeps one that an open one resumed from', async () => {
      await train();
      const fork = 'churn/fork/train-99999999-2222-4333-8444-555555555555';
      const forked = await (await new Call(store).start({ stageKey: fork, resumeFrom: stageKey })).open();
      assert.deepEqual(forked.base?.state, { step: 1 });
      const known = [{ workflowId: 'churn/fork', runId: 'r', closedMs: undefined }];
      assert.deepEqual((await collected(store, { temporal: namespaceWith(known) })).done, []);
    });

    it('keeps what is left of a damaged record needed', async () => {
      await train();
      const manifest = (await listed(store, 'checkpoints/')).find((key) => !key.endsWith('base.json'))!;
      const torn = text(await store.read(manifest))!.replace('"state":', '"stage":');
      await store.housekeeping.removeRecord(manifest);
      await store.create(manifest, bytes(torn));
      assert.deepEqual((await collected(store, { temporal: namespaceWith(run(undefined)) })).done, []);
    });

    it('refuses to work with a namespace that does not know the runs of this store', async () => {
      await train();
      const temporal = { ...namespaceWith(), retentionMs: 1e13 };
      await assert.rejects(collected(store, { temporal, keepRunsMs: 1e13 }), {
        code: 'TY1922',
        message: /this namespace does not know churn\/run-1, whose records are in the store/,
      });
    });

    it('keeps, without Temporal, whatever is younger than the runs that are to be kept', async () => {
      await train();
      const ref = await old('two days old');
      const week = await collected(store, { temporal: undefined, graceMs: hourMs, keepRunsMs: 7 * dayMs });
      assert.deepEqual([week.done.map(({ action }) => action), week.kept.young], [['forget'], 2]);
      const day = await collected(store, { temporal: undefined, graceMs: hourMs, keepRunsMs: dayMs });
      assert.ok(day.done.some((one) => one.action === 'condemn' && one.sha256 === ref.sha256));
    });
  });
});
