/** Runs a model's batches where they disturb nobody: short ones on the event loop, long ones in a thread. @module */
import type { ModelSignature } from './infer-messages.js';
import { RequestError } from './request-error.js';
import { type OnExecution, openSession, type WarmUp } from './model-session.js';
import type { Tensors } from './tensors.js';
import { openThreadedSession } from './threaded-session.js';

/** A batch that is expected to take longer is kept off the event loop: onnxruntime-node's `run` blocks its thread. */
const longRunMs = 1;

export interface ModelRunner {
  readonly signature: ModelSignature;
  /** Runs one batch; at most one may be under way. */
  run(inputs: Tensors, rows: number, onExecution?: OnExecution): Promise<Tensors>;
  close(): Promise<void>;
}

/**
 * Opens a graph and warms it up, all in a thread. A model whose single row runs within a millisecond is opened on the
 * event loop too, since a hop between threads would cost it more than its run. A thread that ended (out of memory, say) fails
 * the batch that it ran, with 503, and is opened anew for the next one. `apart` keeps every run off the event loop.
 */
export async function openModel(
  graph: string,
  { maxBatch, apart = false }: { readonly maxBatch: number; readonly apart?: boolean },
): Promise<ModelRunner> {
  let threaded = await openThreadedSession({ graph, maxBatch });
  const { warmUp } = threaded;
  const local = !apart && warmUp.oneRowMs <= longRunMs ? await openSession(graph, { maxBatch, threads: 1 }) : undefined;
  const runInThread = async (inputs: Tensors, onExecution?: OnExecution) => {
    try {
      if (threaded.ended) threaded = await openThreadedSession({ graph, maxBatch });
      return await threaded.run(inputs, onExecution);
    } catch (error) {
      if (!threaded.ended) throw error;
      throw new RequestError(503, 'the thread of the model ended; it is opened again for the next request', {
        cause: error,
      });
    }
  };
  return {
    signature: warmUp.signature,
    run: (inputs, rows, onExecution) =>
      local && expectedMs(warmUp, maxBatch, rows) <= longRunMs
        ? local.run(inputs, onExecution)
        : runInThread(inputs, onExecution),
    async close() {
      await Promise.all([local?.close(), threaded.close()]);
    },
  };
}

/** A run's time by its rows, on the line through the two times that the warm-up measured. */
function expectedMs({ oneRowMs, fullBatchMs }: WarmUp, maxBatch: number, rows: number): number {
  return oneRowMs + (Math.max(0, fullBatchMs - oneRowMs) * (rows - 1)) / Math.max(1, maxBatch - 1);
}
