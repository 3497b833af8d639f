/** A failure whose class is known where it is thrown; and the class of one where it is not. @module */
import { isErrno } from '../artifacts/durable-files.js';
import type { FailureDetails } from '../contracts/envelope.js';
import { type ErrorCode, messageOf, TrainyardError } from '../contracts/errors.js';
import type { FailureClass } from '../contracts/failure-classes.js';
import { classOfWords } from './runtime-words.js';

/** What showed the class of a failure: exit code, signal, cgroup event, path and value. */
export type Evidence = FailureDetails['evidence'];

/**
 * Thrown by stage code that knows what kind of failure it met; the class decides what happens next.
 * @example throw new StageFailure('DataUnavailable', 'the warehouse does not answer', { host })
 */
export class StageFailure extends Error {
  override readonly name = 'StageFailure';

  constructor(
    readonly failureClass: FailureClass,
    message: string,
    readonly evidence: Evidence = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Codes that say more than whether to try again: a disk is full or S3 cannot be reached, for a while; a later attempt has taken over; a later
 * contract wrote the checkpoint; the loss is not finite.
 */
const classOfCode: Readonly<Partial<Record<ErrorCode, FailureClass>>> = {
  TY1203: 'DataUnavailable',
  TY1223: 'DataUnavailable',
  TY1407: 'DataUnavailable',
  TY1302: 'Preempted',
  TY1306: 'WorkerTooOld',
  TY1510: 'Diverged',
};

/** Anything thrown by stage code as a failure with a class: by its type or code; an unknown one is a bug, `Failed`. */
export function classifyError(error: unknown): StageFailure {
  if (error instanceof StageFailure) return error;
  const message = messageOf(error);
  const withClass = (failureClass: FailureClass) =>
    new StageFailure(failureClass, message, evidenceOf(error), { cause: error });
  if (error instanceof TrainyardError) {
    const known = classOfCode[error.code];
    if (known) return withClass(known);
    // A code that says "not retried" would fail the same way again.
    if (!error.retried) return withClass('ContractViolation');
  }
  if (error instanceof Error && 'code' in error && error.code === 'ERR_MEMORY_ALLOCATION_FAILED')
    return withClass('OutOfMemory');
  // Three attempts a second apart would end the stage before anybody can free what the machine has run out of.
  if (isErrno(error, 'ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE')) return withClass('DataUnavailable');
  return withClass(classOfWords(message) ?? 'Failed');
}

function evidenceOf(error: unknown): Evidence {
  if (!(error instanceof Error)) return { thrown: typeof error };
  const code: unknown = 'code' in error ? error.code : undefined;
  return { error: error.name, ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}) };
}
