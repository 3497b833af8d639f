/** A command that uses the engine of the project folder in its first argument until its input ends. @module */
import { connectEngine } from '../../src/engine/connect-engine.js';
import { inputEnded } from './support.js';

const [projectFolder = ''] = process.argv.slice(2);
const engine = await connectEngine({ projectFolder, namespace: 'churn' });
console.log(JSON.stringify({ address: engine.address, startedByUs: engine.startedByUs }));
await inputEnded();
await engine.release();
