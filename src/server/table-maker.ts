/** Makes tables of what was logged in a thread of its own, which is there while there is something to make. @module */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { LogKind, SegmentTable } from '../records/request-log.js';

/** What the thread is asked. */
export interface TableRequest {
  readonly kind: LogKind;
  readonly path: string;
}

/** What it answers. */
export type TableAnswer = { readonly table: SegmentTable | undefined } | { readonly problem: string };

/** A thread that waits for so long is ended: a server that is not asked needs none. */
const idleMs = 60_000;

/** One table at a time. */
export class TableMaker {
  #thread: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** The table of a file; undefined where it has no whole line. Throws where it cannot be read, or the thread dies. */
  async make(request: TableRequest): Promise<SegmentTable | undefined> {
    clearTimeout(this.#idle);
    const thread = (this.#thread ??= new Worker(new URL('./log-thread.js', import.meta.url)));
    const over = new AbortController();
    thread.ref();
    try {
      thread.postMessage(request);
      const answered = once(thread, 'message', { signal: over.signal });
      const [answer] = (await Promise.race([answered, death(thread, over.signal)])) as [TableAnswer]; // as log-thread answers
      if ('problem' in answer) throw new Error(answer.problem);
      return answer.table;
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      over.abort();
      thread.unref(); // a process that has nothing else to do may end
      this.#idle = setTimeout(() => void this.close(), idleMs).unref();
    }
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
  }
}

async function death(thread: Worker, signal: AbortSignal): Promise<never> {
  await once(thread, 'exit', { signal }); // throws what the thread died of
  throw new Error('the thread that makes tables ended');
}
