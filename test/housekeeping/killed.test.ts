import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { collect } from '../../src/artifacts/verified.js';
import type { Ref } from '../../src/contracts/refs.js';
import { publishHead } from '../../src/records/heads.js';
import { bytes, temporaryFolder, text } from '../artifacts/support.js';
import { age, all, collected, condemnedIn } from './support.js';

const script = fileURLToPath(new URL('./gc-process.js', import.meta.url));
const kills = Number(process.env['TRAINYARD_GC_KILLS'] ?? 8);
const graceMs = 2_000;

describe('a collection that is killed with -9, again and again, beside writers and readers', function () {
  this.timeout(120_000);

  it('loses nothing that is needed, and in the end deletes all that is not', async () => {
    const root = await temporaryFolder();
    const store = await openFileStore(root);
    const content = (index: number) => bytes(`object ${index}`);
    const refs = await Promise.all(Array.from({ length: 200 }, (_, index) => store.put(content(index))));
    for (const { sha256 } of refs) await age(root, sha256);
    const needed = new Map<number, Ref>();
    const need = async (index: number) => {
      // What a stage does: the same bytes as long ago, then something that names them.
      needed.set(index, await store.put(content(index)));
      await publishHead(store, 'models', `m${index}`, { ref: needed.get(index) });
    };
    for (let index = 0; index < 20; index++) await need(index);

    let next = 20;
    for (let kill = 0; kill < kills; kill++) {
      const child = fork(script, [root, String(graceMs)], { stdio: 'ignore' });
      await once(child, 'message');
      const until = performance.now() + Math.random() * 60;
      while (performance.now() < until) {
        await need(next++ % 100);
        const [index, ref] = [...needed][Math.floor(Math.random() * needed.size)]!;
        assert.equal(text(await collect(store.get(ref))), `object ${index}`);
      }
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    for (const [index, ref] of needed) assert.equal(text(await collect(store.get(ref))), `object ${index}`);

    await openFileStore(root);
    await collected(store, { graceMs: 0 });
    for (const sha256 of await condemnedIn(root)) await age(root, sha256, 'condemned');
    await collected(store, { graceMs: 0 });
    const left = (await all(store.housekeeping.objects())).map(({ sha256 }) => sha256);
    assert.deepEqual(left.sort(), [...needed.values()].map(({ sha256 }) => sha256).sort());
    assert.deepEqual(await condemnedIn(root), []);
  });
});
