/** A worker of the peer: `node bare-worker.js <workflows|activities> <address> <namespace>`, until its standard input closes. @module */
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { bareActivities } from './bare-activities.js';

const [, , role = '', address = '', namespace = ''] = process.argv;
const connection = await NativeConnection.connect({ address });
const code =
  role === 'workflows'
    ? { workflowsPath: fileURLToPath(new URL('./bare-workflows.js', import.meta.url)) }
    : { activities: bareActivities };
const worker = await Worker.create({ connection, namespace, taskQueue: `bare/${role}`, ...code });
process.stdin.resume().once('end', () => {
  worker.shutdown();
});
await worker.run();
await connection.close();
