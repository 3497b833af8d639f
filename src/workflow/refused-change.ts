/** What an entity answers to a change that it does not make. @module */
import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { askAgain, changeRefused, RefusedChange } from '../contracts/entities.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** Whoever asks repeats the request: the next run of the entity answers. */
export function leavingFailure(): ApplicationFailure {
  return ApplicationFailure.create({ message: 'the entity goes on in a new run', type: askAgain, nonRetryable: true });
}

/** A refusal with its code, which the client turns into the error again. */
export function refusal(refused: RefusedChange): ApplicationFailure {
  const { code, what, remedy } = refused;
  const message = `${what}${remedy === undefined ? '' : `. ${remedy}`}. [${code}]`;
  return ApplicationFailure.create({ message, type: changeRefused, nonRetryable: true, details: [refused] });
}

/** The failure of a change whose rules threw, or which could not be published. */
export function refusalFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof TrainyardError) return refusal({ code: error.code, what: error.what });
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const refused = cause instanceof ApplicationFailure ? RefusedChange.safeParse(cause.details?.[0]).data : undefined;
  if (refused) return refusal(refused);
  return ApplicationFailure.create({ message: messageOf(cause), type: changeRefused, nonRetryable: true });
}

/** Why an entity refused what a workflow asked of it by `changeName`; undefined for any other failure. */
export function refusalIn(error: unknown): RefusedChange | undefined {
  if (!(error instanceof ActivityFailure)) return undefined;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure) || cause.type !== changeRefused) return undefined;
  const refused = RefusedChange.safeParse(cause.details?.[0]);
  return refused.success ? refused.data : { code: 'TY1003', what: cause.message };
}
