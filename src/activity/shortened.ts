/** What stage code says of a failure, as long as a server takes: Temporal refuses one of 4 MB, and a worker tries to say it for ever. @module */
import { messageOf } from '../contracts/errors.js';
import type { Evidence } from '../context/stage-failure.js';

/** The longest message, stack and string of evidence; characters. */
const longestText = 4_000;
/** All evidence together as JSON; bytes. Below the payload guard's limit, which details of failures pass too. */
const mostEvidence = 16 * 1024;
/** Causes of causes that are kept. */
const deepestCause = 3;

/** The text, or its beginning and how long it was. */
export function shortened(text: string, limit = longestText): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length} characters)`;
}

/** The evidence with its strings shortened; where that is still too much, the beginning of it as JSON. */
export function shortenedEvidence(evidence: Evidence): Evidence {
  const json = JSON.stringify(evidence, (_, value: unknown) => (typeof value === 'string' ? shortened(value) : value));
  // What was JSON is JSON.
  return Buffer.byteLength(json) <= mostEvidence ? (JSON.parse(json) as Evidence) : { shortened: shortened(json) };
}

/** The error with its message, its stack and its causes shortened, under its own name. */
export function shortenedError(error: Error, depth = deepestCause): Error {
  const cause =
    error.cause instanceof Error && depth > 0 ? { cause: shortenedError(error.cause, depth - 1) } : undefined;
  const short = new Error(shortened(messageOf(error)), cause);
  short.name = error.name;
  // A stack begins with the whole message.
  const frames = (error.stack ?? '').replace(error.message, () => short.message);
  short.stack = shortened(frames, 2 * longestText);
  return short;
}
