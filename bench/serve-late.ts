/** The model server that `swaps.ts` asks: `node serve-swaps.js <store> <folder>` prints its address. @module */
import { pino } from 'pino';
import { openFileStore } from '../src/artifacts/file-store.js';
import { startModelServer } from '../src/server/model-server.js';

const [store = '', folder = ''] = process.argv.slice(2);
const log = pino({ level: 'warn' });
const server = await startModelServer({ store: await openFileStore(store), folder, log });
console.log(server.address);
process.stdin.resume().once('end', () => void server.close());
