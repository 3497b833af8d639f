/** The thread of one model revision: opens its session, warms it up and runs the batches that are too long for the event loop. @module */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../contracts/errors.js';
import { openSession } from './model-session.js';
import type { ThreadAnswer, ThreadRequest, ThreadStart } from './threaded-session.js';
import { transferable } from './threaded-session.js';

const { graph, maxBatch } = workerData as ThreadStart; // written by openThreadedSession
const port = parentPort;
if (port === null) throw new Error('session-thread runs in a worker thread only');

const answer = (message: ThreadAnswer) => {
  port.postMessage(message, message.kind === 'outputs' ? transferable(message.outputs) : []);
};

try {
  const session = await openSession(graph, { maxBatch, threads: 0 });
  port.on('message', (request: ThreadRequest) => {
    if (request.kind === 'close') {
      void session.close().finally(() => {
        port.close();
      });
      return;
    }
    let executionMs = 0;
    const timed = (ms: number) => {
      executionMs = ms;
    };
    session.run(request.inputs, timed).then(
      (outputs) => {
        answer({ kind: 'outputs', outputs, executionMs });
      },
      (error: unknown) => {
        answer({ kind: 'failed', reason: messageOf(error) });
      },
    );
  });
  answer({ kind: 'ready', warmUp: session.warmUp });
} catch (error) {
  answer({ kind: 'failed', reason: messageOf(error) });
}
