import assert from 'node:assert/strict';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../src/artifacts/digest.js';
import { writeAt } from '../../src/artifacts/durable-files.js';
import { GrowingDigest } from '../../src/artifacts/growing-digest.js';
import { temporaryFolder } from './support.js';

const MiB = 1024 * 1024;

describe('the digest of a growing file', () => {
  let file: FileHandle;
  beforeEach(async () => {
    file = await open(join(await temporaryFolder(), 'growing'), 'wx+');
  });
  afterEach(() => file.close());

  it('is that of the whole, in whichever order its pieces are written', async () => {
    const content = Uint8Array.from({ length: 2 * MiB + 1 }, (_, at) => at % 251);
    const digest = new GrowingDigest({ file: file.fd, sizeBytes: content.length });
    await writeAt(file.fd, content.subarray(MiB), MiB);
    digest.reach(0);
    await writeAt(file.fd, content.subarray(0, MiB), 0);
    digest.reach(MiB);
    digest.reach(content.length);
    assert.equal(await digest.sha256, sha256(content));
    await digest.stop();
  });

  it('fails when the file has less than was said', async () => {
    const digest = new GrowingDigest({ file: file.fd, sizeBytes: 2 });
    await writeAt(file.fd, Uint8Array.of(1), 0);
    digest.reach(2);
    await assert.rejects(digest.sha256, /the file has 1 bytes, not 2/);
    await digest.stop();
  });

  it('can be given up at any time', async () => {
    await new GrowingDigest({ file: file.fd, sizeBytes: 1 }).stop();
  });
});
