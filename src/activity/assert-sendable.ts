/** The size of a stage's output, before anybody is told that the attempt has completed. @module */
import { TrainyardError } from '../contracts/errors.js';

/** The envelope around the output: number of attempts, and their log or its ref. */
const frameBytes = 1024;

/**
 * Throws TY1007 for an output that the worker could not send: its log would say completed, and the stage fail all the same.
 * @param limitBytes of the whole payload
 */
export function assertSendable(stage: string, output: unknown, limitBytes: number): void {
  const most = limitBytes - frameBytes;
  const bytes = Buffer.byteLength(JSON.stringify(output));
  if (bytes <= most) return;
  const [size, limit] = [bytes, most].map((count) => `${(count / 1024).toFixed(0)} KiB`);
  throw new TrainyardError('TY1007', `stage ${stage}: an output of ${size} is over the limit of ${limit}`);
}
