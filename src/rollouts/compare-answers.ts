/** The parity of a served model with its trainer: the same rows, the same outputs, in both forms of the protocol. @module */
import { TrainyardError } from '../contracts/errors.js';
import type { ParitySamples } from '../contracts/parity.js';
import type { Form, Row } from './inference-client.js';

/** Greatest difference of an output from the trainer's: absolute up to 1, relative above, where float32 itself is coarser. */
const tolerance = 1e-5;

/** Asks for all rows in JSON and in binary. Throws TY1706, naming row and output, when one differs by more than 1e-5 · max(1, |output|). */
export async function compareAnswers(
  samples: Pick<ParitySamples, 'rows' | 'outputs'>,
  ask: (form: Form, rows: readonly Row[]) => Promise<Readonly<Record<string, readonly number[]>>>,
): Promise<{ readonly rows: number; readonly maxAbsDifference: number }> {
  let maxAbsDifference = 0;
  for (const form of ['json', 'binary'] as const) {
    const answer = await ask(form, samples.rows);
    for (const [name, expected] of Object.entries(samples.outputs))
      for (const [index, value] of expected.entries()) {
        const served = answer[name]?.[index] ?? NaN;
        const difference = value === null && Number.isNaN(served) ? 0 : Math.abs((value ?? NaN) - served);
        if (!(difference <= tolerance * Math.max(1, Math.abs(value ?? 0))))
          throw new TrainyardError(
            'TY1706',
            `row ${index} in ${form}: ${name} is ${served}, the trainer's is ${String(value)}`,
          );
        maxAbsDifference = Math.max(maxAbsDifference, difference);
      }
  }
  return { rows: samples.rows.length, maxAbsDifference };
}
