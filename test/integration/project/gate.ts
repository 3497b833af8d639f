/** A gate that a test opens by making a file. @module */
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** Resolves when the file exists, at once without one; rejects when the signal aborts. */
export async function opened(file: string | undefined, signal?: AbortSignal): Promise<void> {
  while (file !== undefined && !existsSync(file)) {
    signal?.throwIfAborted();
    await setTimeout(10);
  }
}
