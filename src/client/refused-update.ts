/** What an Update was refused with, as the error that it was. @module */
import { ApplicationFailure, type WorkflowUpdateFailedError } from '@temporalio/client';
import { RefusedChange } from '../contracts/entities.js';
import { type ErrorCode, errorCodes, TrainyardError } from '../contracts/errors.js';

/**
 * The error with its code; undefined where the workflow gave none that is known here.
 * @param whose put before its words
 */
export function refusedUpdate(error: WorkflowUpdateFailedError, whose = ''): TrainyardError | undefined {
  const { cause } = error;
  const refused = cause instanceof ApplicationFailure ? RefusedChange.safeParse(cause.details?.[0]).data : undefined;
  if (refused === undefined || !Object.hasOwn(errorCodes, refused.code)) return undefined;
  const { code, what, remedy } = refused;
  return new TrainyardError(code as ErrorCode, whose + what, {
    cause: error,
    ...(remedy !== undefined && { remedy }),
  });
}
