/** Every error a user can meet: one code each, with what to do about it. `docs/errors.md` has a section for each. @module */

/** What is the same for every error of one code: the remedy, and whether Trainyard tries again by itself. */
interface ErrorRow {
  readonly remedy: string;
  readonly retried: boolean;
}

const fixed = (remedy: string): ErrorRow => ({ remedy, retried: false });
const passing = (remedy: string): ErrorRow => ({ remedy, retried: true });

/**
 * Codes by room: TY10 contracts, TY11 project, TY12 artifacts, TY13 records, TY14 data, TY15 graphs and training,
 * TY16 trainer processes, TY17 model server, TY18 engine, TY19 client and command line, TY20 standard stages.
 */
export const errorCodes = {
  TY1001: fixed('Write a number, a space and a unit: "30 seconds", "12 hours", "3 days"'),
  TY1002: fixed('Use a schema that JSON can carry: strings, numbers, booleans, arrays, objects, enums, unions'),
  TY1003: fixed('Fix the caller; not retried'),
  TY1004: fixed('Make the stage return what its contract promises; not retried'),
  TY1005: fixed('Pass a ref to an artifact of the kind and columns that the contract asks for'),
  TY1006: fixed('Use letters, digits, "-", "_" and start with a letter'),
  TY1101: fixed('Give the pool another name: "pipelines" is the queue of the pipelines themselves'),
} as const satisfies Record<string, ErrorRow>;

/** One of the codes in `docs/errors.md`. */
export type ErrorCode = keyof typeof errorCodes;

/**
 * An error with a code: its message says what happened to what, then what to do, then the code.
 * @example new TrainyardError('TY1003', 'stage train: input.epochs must be positive, got 0')
 * // message: stage train: input.epochs must be positive, got 0. Fix the caller; not retried. [TY1003]
 */
export class TrainyardError extends Error {
  override readonly name: string = 'TrainyardError';
  readonly retried: boolean;

  constructor(
    readonly code: ErrorCode,
    readonly what: string,
    options?: ErrorOptions & { readonly remedy?: string },
  ) {
    super(`${what}. ${options?.remedy ?? errorCodes[code].remedy}. [${code}]`, options);
    this.retried = errorCodes[code].retried;
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
