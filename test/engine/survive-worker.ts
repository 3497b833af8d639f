/** A worker on the address of its first argument; says each tick on its standard output and ends with its input. @module */
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { inputEnded } from './support.js';

// The server is killed on purpose: the worker's warnings about it would drown the test's output.
Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined), shutdownSignals: [] });
const [address = ''] = process.argv.slice(2);
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  namespace: 'churn',
  taskQueue: 'ticks',
  workflowsPath: fileURLToPath(new URL('survive-workflows.js', import.meta.url)),
  activities: {
    tick: (index: number) => {
      console.log(`tick ${index}`);
      return Promise.resolve(index);
    },
  },
});
await worker.runUntil(inputEnded());
await connection.close();
