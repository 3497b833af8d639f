/** Keeps bytes out of history: measures every payload before it is encrypted. @module */
import { ApplicationFailure, type Payload, type PayloadCodec } from '@temporalio/common';
import { maxPayloadBytes } from '../contracts/payload-limits.js';

/** All payloads of one schedule together; bytes. */
export const maxScheduleBytes = 256 * 1024;

/**
 * The guard as a codec; put it first, so that it sees sizes before encryption. `onLarge: 'fail'` (development) throws a
 * non-retryable `ContractViolation`, `'warn'` (production) hands the sentence to `warn` and lets the payload pass.
 */
export function payloadGuard(
  options: { readonly onLarge: 'fail' } | { readonly onLarge: 'warn'; readonly warn: (sentence: string) => void },
): PayloadCodec {
  return {
    encode(payloads) {
      const problem = tooLarge(payloads);
      if (problem !== undefined) {
        if (options.onLarge === 'fail')
          throw ApplicationFailure.create({ message: problem, type: 'ContractViolation', nonRetryable: true });
        options.warn(problem);
      }
      return Promise.resolve(payloads);
    },
    decode: (payloads) => Promise.resolve(payloads),
  };
}

function tooLarge(payloads: readonly Payload[]): string | undefined {
  const sizes = payloads.map(({ data }) => data?.byteLength ?? 0);
  const largest = Math.max(0, ...sizes);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const remedy = 'Put the bytes into the artifact store and pass their ref. [TY1007]';
  if (largest > maxPayloadBytes)
    return `a payload of ${kibibytes(largest)} is over the limit of ${kibibytes(maxPayloadBytes)}. ${remedy}`;
  if (total > maxScheduleBytes)
    return `payloads of ${kibibytes(total)} together are over the limit of ${kibibytes(maxScheduleBytes)}. ${remedy}`;
  return undefined;
}

function kibibytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(0)} KiB`;
}
