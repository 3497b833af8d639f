/** What stage code says of a failure, as long as a server takes: Temporal refuses one of 4 MB, and a worker tries to say it for ever. @module */
import { messageOf } from '../contracts/errors.js';
import type { Evidence } from '../context/stage-failure.js';

/** The longest message, stack and string of evidence; characters. */
const longestText = 4_000;
/** All evidence together as JSON; bytes. Below the payload guard's limit, which details of failures pass too. */
const mostEvidence = 16 * 1024;
/** Causes of causes that are kept. */
const deepestCause = 3;

/**
 * The text, or its beginning and how long it was. Lone surrogates, of which a failure's message brings Temporal's native part and with it the
 * worker down, and control characters, which a terminal would obey, become U+FFFD.
 */
export function shortened(text: string, limit = longestText): string {
  const short = text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length} characters)`;
  return Buffer.from(short).toString().replace(controlCharacters, '\ufffd');
}

/** All but tab and line feed. */
const controlCharacters = /(?![\t\n])\p{Cc}/gu;

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
