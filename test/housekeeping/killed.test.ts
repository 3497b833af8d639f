import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openStore } from '../../src/artifacts/open-store.js';
import { collect } from '../../src/artifacts/verified.js';
import type { Ref } from '../../src/contracts/refs.js';
import { publishHead } from '../../src/records/heads.js';
import { bytes, temporaryFolder, text } from '../artifacts/support.js';
import { testBucket } from '../support/s3.js';
import { age, all, collected, condemnedIn } from './support.js';

const script = fileURLToPath(new URL('./gc-process.js', import.meta.url));
const kills = Number(process.env['TRAINYARD_GC_KILLS'] ?? 6);
const graceMs = 2_000;

/** A store by its uri, and the folder in which it, or its server, keeps objects. */
const stores: Record<string, () => Promise<{ readonly uri: string; readonly root: string }>> = {
  folder: async () => {
    const root = await temporaryFolder();
    return { uri: pathToFileURL(root).href, root };
  },
  bucket: async () => {
    const { folder, newStore } = await testBucket();
    const uri = newStore();
    return { uri, root: join(folder, new URL(uri).pathname) };
  },
};

for (const [kind, open] of Object.entries(stores))
  describe(`a collection of a ${kind} that is killed with -9, again and again, beside writers and readers`, function () {
    this.timeout(120_000);

    it('loses nothing that is needed, and in the end deletes all that is not', async () => {
      const { uri, root } = await open();
      const baseFolder = await temporaryFolder();
      const store = await openStore(uri, { baseFolder });
      const content = (index: number) => bytes(`object ${index}`);
      const refs = await Promise.all(Array.from({ length: 120 }, (_, index) => store.put(content(index))));
      for (const { sha256 } of refs) await age(root, sha256);
      const needed = new Map<number, Ref>();
      const need = async (index: number) => {
        // What a stage does: the same bytes as long ago, then something that names them.
        needed.set(index, await store.put(content(index)));
        await publishHead(store, 'models', `m${index}`, { ref: needed.get(index) });
      };
      const read = async (index: number, ref: Ref) => {
        assert.equal(text(await collect(store.get(ref))), `object ${index}`);
      };
      for (let index = 0; index < 10; index++) await need(index);

      let next = 10;
      for (let kill = 0; kill < kills; kill++) {
        const child = fork(script, [uri, String(graceMs), baseFolder], { stdio: 'ignore' });
        await once(child, 'message');
        const until = performance.now() + Math.random() * 100;
        while (performance.now() < until) {
          await need(next++ % 80);
          await read(...[...needed][Math.floor(Math.random() * needed.size)]!);
        }
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      for (const [index, ref] of needed) await read(index, ref);

      const last = await openStore(uri, { baseFolder });
      await collected(last, { graceMs: 0 });
      for (const sha256 of await condemnedIn(root)) await age(root, sha256, 'condemned');
      await collected(last, { graceMs: 0 });
      const left = (await all(store.housekeeping.objects())).map(({ sha256 }) => sha256);
      assert.deepEqual(left.sort(), [...needed.values()].map(({ sha256 }) => sha256).sort());
      assert.deepEqual(await condemnedIn(root), []);
    });
  });
