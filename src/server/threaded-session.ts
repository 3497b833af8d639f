/** A session in a thread of its own, seen from the event loop: one request at a time, buffers handed over, never copied. @module */
import { Worker } from 'node:worker_threads';
import { withoutTelemetry } from '../onnx/without-telemetry.js';
import type { Session, WarmUp } from './model-session.js';
import type { Tensors } from './tensors.js';

/** What the thread is started with. */
export interface ThreadStart {
  readonly graph: string;
  readonly maxBatch: number;
}

export type ThreadRequest = { readonly kind: 'run'; readonly inputs: Tensors } | { readonly kind: 'close' };

export type ThreadAnswer =
  | { readonly kind: 'ready'; readonly warmUp: WarmUp }
  | { readonly kind: 'outputs'; readonly outputs: Tensors; readonly executionMs: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** A session whose thread may end by itself: then every run is refused. */
export interface ThreadedSession extends Session {
  readonly ended: boolean;
}

/** The buffers of tensors, to be moved to the other thread. */
export function transferable(tensors: Tensors): ArrayBuffer[] {
  return [...new Set(Object.values(tensors).flatMap(({ data }) => (data instanceof Uint8Array ? [data.buffer] : [])))];
}

/**
 * Opens and warms up a session in a new thread. `run` takes the inputs' buffers with it: they are empty afterwards.
 * At most one `run` may be under way; it rejects when the thread dies.
 */
export async function openThreadedSession(start: ThreadStart): Promise<ThreadedSession> {
  withoutTelemetry();
  const thread = new Worker(new URL('./session-thread.js', import.meta.url), { workerData: start });
  let waiting: { resolve(answer: ThreadAnswer): void; reject(error: Error): void } | undefined;
  let death: Error | undefined;
  const die = (error: Error) => {
    death ??= error;
    waiting?.reject(death);
  };
  const exited = new Promise<void>((resolve) => {
    thread.once('exit', () => {
      die(new Error('the thread of the model ended'));
      resolve();
    });
  });
  thread.on('error', die);
  thread.on('message', (answer: ThreadAnswer) => waiting?.resolve(answer));
  const nextAnswer = () =>
    new Promise<ThreadAnswer>((resolve, reject) => {
      if (death) reject(death);
      waiting = { resolve, reject };
    });
  const ready = await nextAnswer();
  if (ready.kind !== 'ready') throw new Error(reasonOf(ready));
  return {
    warmUp: ready.warmUp,
    get ended() {
      return death !== undefined;
    },
    async run(inputs, onExecution) {
      const answer = nextAnswer();
      thread.postMessage({ kind: 'run', inputs } satisfies ThreadRequest, transferable(inputs));
      const outcome = await answer;
      if (outcome.kind !== 'outputs') throw new Error(reasonOf(outcome));
      onExecution?.(outcome.executionMs);
      return outcome.outputs;
    },
    async close() {
      thread.postMessage({ kind: 'close' } satisfies ThreadRequest);
      await exited;
    },
  };
}

function reasonOf(answer: ThreadAnswer): string {
  return answer.kind === 'failed' ? answer.reason : 'the thread of the model spoke out of turn';
}
