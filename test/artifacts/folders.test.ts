import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../src/artifacts/digest.js';
import { fetchFolder, putFolder } from '../../src/artifacts/folders.js';
import { putJson } from '../../src/artifacts/json.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { temporaryFolder } from './support.js';

const store = new MemoryStore();

describe('folders', () => {
  it('come back with the same files, and have the same ref wherever they lie and whenever they were made', async () => {
    const [first, second] = [await temporaryFolder(), await temporaryFolder()];
    for (const [folder, order] of [
      [first, ['b.txt', 'a/x.bin']],
      [second, ['a/x.bin', 'b.txt']],
    ] as const)
      for (const path of order) {
        await mkdir(join(folder, 'a'), { recursive: true });
        await writeFile(join(folder, path), `content of ${path}`);
      }
    await chmod(join(second, 'b.txt'), 0o755);
    const ref = await putFolder(store, first);
    assert.deepEqual(await putFolder(store, second), ref);
    const target = join(await temporaryFolder(), 'new');
    await fetchFolder(store, ref, target);
    assert.equal(await readFile(join(target, 'a/x.bin'), 'utf8'), 'content of a/x.bin');
    assert.deepEqual((await readdir(target, { recursive: true })).sort(), ['a', 'a/x.bin', 'b.txt']);
  });

  it('leave nothing behind when a file of them is damaged', async () => {
    const [folder, parent] = [await temporaryFolder(), await temporaryFolder()];
    await writeFile(join(folder, 'a'), 'good');
    await writeFile(join(folder, 'b'), 'will be bad');
    const ref = await putFolder(store, folder);
    store.objects.get(sha256('will be bad'))![0]! ^= 1;
    await assert.rejects(fetchFolder(store, ref, join(parent, 'target')), { code: 'TY1202' });
    assert.deepEqual(await readdir(parent), []);
  });

  it('are not written over a folder with files, nor outside their target, nor stored with links in them', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a'), 'x');
    const ref = await putFolder(store, folder);
    await assert.rejects(fetchFolder(store, ref, folder), { code: 'TY1207' });
    assert.deepEqual(await readdir(folder), ['a']);
    const escaping = await putJson(store, { version: 1, files: [{ path: '../outside', ref }] });
    await assert.rejects(fetchFolder(store, escaping, join(folder, 'inner')), { code: 'TY1208' });
    await symlink('/etc/passwd', join(folder, 'link'));
    await assert.rejects(putFolder(store, folder), {
      code: 'TY1207',
      message: /link is neither a file nor a folder/,
    });
  });
});
