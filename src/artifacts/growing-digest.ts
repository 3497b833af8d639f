/** The sha256 of a file while it is written, in a thread of its own: hashing takes as long as a fast network does. @module */
import { Worker } from 'node:worker_threads';

/** What the thread is started with. */
export interface GrowingFile {
  /** Open for reading until {@link GrowingDigest.stop} has resolved. */
  readonly file: number;
  /** How many bytes it will have; at least one. */
  readonly sizeBytes: number;
}

/** A thread that follows the writer of a file, and tells the digest when it has read the last byte. */
export class GrowingDigest {
  readonly #thread: Worker;
  readonly #sha256: Promise<string>;

  constructor(growing: GrowingFile) {
    // Flags of the process are not the thread's: some, such as --input-type, would stop it.
    const thread = new Worker(new URL('./digest-thread.js', import.meta.url), { workerData: growing, execArgv: [] });
    this.#thread = thread;
    this.#sha256 = new Promise((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
    });
    this.#sha256.catch(() => undefined); // awaited when all is written
  }

  /** The first `sizeBytes` bytes are written, and stay as they are. */
  reach(sizeBytes: number): void {
    this.#thread.postMessage(sizeBytes);
  }

  /** In lower-case hexadecimal; resolves some time after the last byte was reached. */
  get sha256(): Promise<string> {
    return this.#sha256;
  }

  /** Ends the thread, whatever it does. */
  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}
