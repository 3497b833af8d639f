/** What is written down before a request is answered, where the disk takes nothing. @module */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { WriteAhead } from '../../src/server/write-ahead.js';
import { temporaryFolder } from '../artifacts/support.js';

describe('a log that cannot be written', () => {
  it('says so instead of failing the request', async () => {
    const folder = join(await temporaryFolder(), 'log');
    await mkdir(folder);
    await writeFile(join(folder, 'labels'), 'a file where a folder should be');
    const log = pino({ level: 'silent' });
    const ahead = new WriteAhead({ store: new MemoryStore(), folder, writer: 'one', everyMs: 60_000, log });
    assert.equal(ahead.append('labels', 'late', [{ id: 'a', label: 1, atMs: 1 }]), false);
    await ahead.close();
  });
});
