/** A process that asks a small cache for random copies, and reads each one; it ends with 1 when one is not as it should be. @module */
import { readFile } from 'node:fs/promises';
import { sha256 } from '../../src/artifacts/digest.js';
import { writeAll } from '../../src/artifacts/durable-files.js';
import { LocalCache } from '../../src/artifacts/local-cache.js';

const [folder = '', seed = '1'] = process.argv.slice(2);
const cache = new LocalCache({ folder, limitBytes: 100_000 });
let random = Number(seed);

for (let round = 0; round < 200; round++) {
  random = (random * 48_271) % 2_147_483_647;
  const value = new Uint8Array(20_000).fill(random % 16);
  const content = { sha256: sha256(value), sizeBytes: value.byteLength };
  const path = await cache.file(content, async (file) => {
    await writeAll(file, value);
    return content;
  });
  if (sha256(await readFile(path)) !== content.sha256) process.exit(1);
}
