/** The model server of benches that change its endpoints: `node serve-late.js <store> <folder>` prints its address. @module */
import { pino } from 'pino';
import { openStore } from '../src/artifacts/open-store.js';
import { startModelServer } from '../src/server/model-server.js';

const [store = '', folder = ''] = process.argv.slice(2);
const log = pino({ level: 'warn' });
const server = await startModelServer({ store: await openStore(store, { baseFolder: folder }), folder, log });
console.log(server.address);
process.stdin.resume().once('end', () => void server.close());
