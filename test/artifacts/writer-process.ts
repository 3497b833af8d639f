/** A process that writes to a store until it is killed, or races another one for a hundred keys. @module */
import { openFileStore } from '../../src/artifacts/file-store.js';

const [root, what] = process.argv.slice(2);
if (root === undefined) throw new Error('usage: writer-process FOLDER put|create|race');
const store = await openFileStore(root);

if (what === 'race') {
  const won: boolean[] = [];
  for (let key = 0; key < 100; key++) won.push(await store.create(`race/${key}`, Uint8Array.of(process.pid % 256)));
  process.send?.(won);
  process.disconnect();
} else {
  for (let round = 0; ; round++) {
    const value = new Uint8Array(1_000_000).fill(round);
    if (what === 'put') await store.put(value);
    else await store.create(`r/${round}`, value);
  }
}
