/** The lock keeps others out while its holder lives, and no longer. @module */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { withLock } from '../../src/artifacts/lock.js';
import { startHelper, withFolder } from './support.js';

const unexpected = () => {
  throw new Error('there was nothing to wait for');
};

describe('withLock', () => {
  it('lets one of many in at a time, and every one in the end', async () => {
    await withFolder(async (folder) => {
      let inside = 0;
      let entered = 0;
      const enter = () =>
        withLock(
          folder,
          () => undefined,
          async () => {
            inside += 1;
            entered += 1;
            assert.equal(inside, 1);
            await setImmediate();
            inside -= 1;
          },
        );
      await Promise.all(Array.from({ length: 20 }, enter));
      assert.equal(entered, 20);
    });
  });

  it('lets another process in when the holder is done', async () => {
    await withFolder(async (folder) => {
      const first = startHelper('hold-lock', [folder]);
      assert.equal(await first.line(), 'held');
      const second = startHelper('hold-lock', [folder]);
      assert.equal(await second.line(), 'waiting');
      await first.end();
      assert.equal(await second.line(), 'held');
      await second.end();
    });
  });

  it('is free at once after its holder was killed with -9', async () => {
    await withFolder(async (folder) => {
      const holder = startHelper('hold-lock', [folder]);
      assert.equal(await holder.line(), 'held');
      await holder.kill();
      assert.equal(await withLock(folder, unexpected, () => Promise.resolve('in')), 'in');
    });
  });

  it('is not blocked by a file that a crash left where its socket was', async () => {
    await withFolder(async (folder) => {
      await writeFile(join(folder, '7.sock'), '');
      assert.equal(await withLock(folder, unexpected, () => Promise.resolve('in')), 'in');
    });
  });

  it('works in a folder whose path is too long for a socket', async () => {
    await withFolder(async (folder) => {
      const deep = join(folder, 'a'.repeat(120));
      await mkdir(deep);
      const holder = startHelper('hold-lock', [deep]);
      assert.equal(await holder.line(), 'held');
      let waited = false;
      const entered = withLock(
        deep,
        () => (waited = true),
        () => Promise.resolve(),
      );
      const other = startHelper('hold-lock', [deep]);
      assert.equal(await other.line(), 'waiting');
      await holder.end();
      await entered;
      assert.equal(waited, true);
      await other.end();
    });
  });

  it('is released when the work fails', async () => {
    await withFolder(async (folder) => {
      await assert.rejects(
        withLock(folder, unexpected, () => Promise.reject(new Error('no'))),
        /no/,
      );
      assert.equal(await withLock(folder, unexpected, () => Promise.resolve('in')), 'in');
    });
  });
});
