/** What Core says of a replay that failed, for people. @module */
import { messageOf } from '../contracts/errors.js';

/** Why a replay failed. */
export interface Problem {
  readonly sentence: string;
  /** Where code threw that fails a workflow task: its stack, innermost frame first. */
  readonly thrownAt: readonly string[] | undefined;
}

/** Core prints what workflow code threw as Rust prints a struct, with its strings quoted. */
const thrown = /Failure \{ message: ("(?:[^"\\]|\\.)*"), source: "[^"]*", stack_trace: ("(?:[^"\\]|\\.)*")/;

/** The innermost words: `[TMPRL1100] Nondeterminism error: …`, or the message of what was thrown. */
export function problemOf(error: unknown): Problem {
  const message = messageOf(error).replace(/^Replay failed .*? Details: /s, '');
  const [, words, stack] = thrown.exec(message) ?? [];
  if (words === undefined || stack === undefined) return { sentence: message, thrownAt: undefined };
  const sentence = unquoted(words);
  if (stack === '""') return { sentence, thrownAt: undefined };
  return {
    sentence,
    thrownAt: unquoted(stack)
      .split('\n')
      .filter((line) => line.startsWith('    at ')),
  };
}

/** Rust escapes as JSON does, but for `\u{1f600}` and `\'`. */
function unquoted(text: string): string {
  const json = text
    .replace(/\\u\{([0-9a-f]+)\}/gi, (_, hex: string) =>
      JSON.stringify(String.fromCodePoint(parseInt(hex, 16))).slice(1, -1),
    )
    .replaceAll("\\'", "'")
    .replaceAll('\\0', '');
  try {
    return String(JSON.parse(json));
  } catch {
    return text;
  }
}
