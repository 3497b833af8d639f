/** A model server over a file store, in a process to be killed: `node log-process.js <store> <folder>` prints its address. @module */
import { pino } from 'pino';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { startModelServer } from '../../src/server/model-server.js';

const [store = '', folder = ''] = process.argv.slice(2);
const log = pino({ level: 'silent' });
const { address } = await startModelServer({
  store: await openFileStore(store),
  folder,
  log,
  pollMs: 20,
  logEveryMs: 50,
  countsEveryMs: 100,
});
console.log(address);
process.stdin.resume().once('end', () => process.exit());
