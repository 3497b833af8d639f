import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { putFolder } from '../../src/artifacts/folders.js';
import { putJson } from '../../src/artifacts/json.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { describeArtifact, filesOf, findArtifact } from '../../src/housekeeping/describe.js';
import { takeInventory } from '../../src/housekeeping/inventory.js';
import { writeArtifact, writeArtifacts } from '../../src/housekeeping/write-files.js';
import { publishHead } from '../../src/records/heads.js';
import { bytes, temporaryFolder } from '../artifacts/support.js';
import { Call } from '../records/support.js';

describe('an artifact', () => {
  const store = new MemoryStore();

  const dataset = async () =>
    putJson(store, {
      version: 1,
      columns: [],
      rows: 3,
      files: [
        { split: 'train', rows: 2, ref: await store.put(bytes('PAR1 train')) },
        { split: 'test', rows: 1, ref: await store.put(bytes('PAR1 test')) },
      ],
      statistics: {},
      sources: [],
      rejectedRows: 0,
      unassignedRows: 0,
    });

  it('is known by its bytes', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'sub', 'a.txt'), 'a');
    const model = {
      version: 1,
      graph: await store.put(bytes('g')),
      inputs: [],
      outputs: [],
      dataset: 'a'.repeat(64),
      numerics: {},
    };
    const cases = [
      [await dataset(), 'dataset', ['train-0000.parquet', 'test-0001.parquet']],
      [await putJson(store, model), 'model', ['model.onnx']],
      [await putFolder(store, folder), 'folder', ['sub/a.txt']],
      [await putJson(store, { auc: 0.9 }), 'document', undefined],
      [await store.put(bytes('PAR1 …')), 'file', undefined],
    ] as const;
    for (const [ref, is, files] of cases) {
      const description = await describeArtifact(store, ref);
      assert.equal(description.is, is);
      assert.deepEqual(
        filesOf(description)?.map(({ path }) => path),
        files,
      );
    }
    assert.deepEqual(await describeArtifact(store, cases[4][0]), { is: 'file', format: 'Parquet' });
  });

  it('is found by a ref in any form, and by as many digits as it takes; not by more than one could have', async () => {
    const ref = await store.put(bytes('found'));
    for (const text of [ref.uri, `sha256:${ref.sha256}`, ref.sha256, ref.sha256.slice(0, 10), JSON.stringify(ref)])
      assert.equal((await findArtifact(store, text)).sha256, ref.sha256, text);
    const many = new MemoryStore();
    const digests = await Promise.all(
      Array.from({ length: 3_000 }, async (_, i) => (await many.put(bytes(`${i}`))).sha256),
    );
    const beginnings = digests.map((digest) => digest.slice(0, 4));
    const twice = beginnings.find((one, index) => beginnings.indexOf(one) !== index)!;
    await assert.rejects(findArtifact(many, twice), { code: 'TY1920', message: /2 artifacts begin with/ });
    for (const wrong of ['', 'abc', 'not a digest', '0'.repeat(65)])
      await assert.rejects(findArtifact(store, wrong), { code: 'TY1920' }, wrong);
  });

  it('is written whole or not at all, over nothing that is there', async () => {
    const folder = await temporaryFolder();
    const ref = await dataset();
    const files = filesOf(await describeArtifact(store, ref))!;
    const target = join(folder, 'rows');
    await writeArtifacts(store, files, target, { force: false });
    assert.deepEqual((await readdir(target)).sort(), ['test-0001.parquet', 'train-0000.parquet']);
    await assert.rejects(writeArtifacts(store, files, target, { force: false }), { code: 'TY1921' });
    await writeFile(join(target, 'mine'), 'mine');
    await writeArtifacts(store, files, target, { force: true });
    assert.equal(await readFile(join(target, 'mine'), 'utf8'), 'mine');

    const bad = await store.put(bytes('soon bad'));
    store.objects.get(bad.sha256)![0]! ^= 1;
    await assert.rejects(writeArtifact(store, { path: join(folder, 'bad'), ref: bad }, { force: false }), {
      code: 'TY1202',
    });
    const withBad = [...files, { path: 'bad', ref: bad }];
    await assert.rejects(writeArtifacts(store, withBad, join(folder, 'other'), { force: false }), { code: 'TY1202' });
    assert.deepEqual(await readdir(folder), ['rows']);
  });

  it('is listed with the size of all that it names, for each head and run that names it', async () => {
    const own = new MemoryStore();
    const graph = await own.put(bytes('graph'));
    const model = await putJson(own, { graph, again: graph });
    for (const name of ['a', 'b']) await publishHead(own, 'models', name, { model });
    await (await (await new Call(own).start()).open()).save({ step: 1 }, { weights: bytes('weights') });
    const { artifacts, objects, sizeBytes } = await takeInventory({
      store: own,
      temporal: undefined,
      keeps: () => true,
    });
    assert.deepEqual(
      artifacts.map(({ head, run, stage, kind, name, sizeBytes: size }) => [head ?? run, stage, kind, name, size]),
      [
        ['models/a', undefined, 'file', 'model', model.sizeBytes + 5],
        ['models/b', undefined, 'file', 'model', model.sizeBytes + 5],
        ['churn/run-1', 'train', 'checkpoint', 'weights', 7],
      ],
    );
    assert.deepEqual([objects, sizeBytes], [3, model.sizeBytes + 12]);
  });
});
