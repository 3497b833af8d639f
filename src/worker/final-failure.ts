/** Failures of activities that no other try would mend. @module */
import { ApplicationFailure } from '@temporalio/activity';
import type { RefusedChange } from '../contracts/entities.js';
import { TrainyardError } from '../contracts/errors.js';

/** Runs an activity. An error with a code that is not to be tried again becomes a failure of `type`, whose first detail is a {@link RefusedChange}. */
export async function untilFinal<Result>(type: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof TrainyardError) || error.retried) throw error;
    const { code, what, message } = error;
    const refused: RefusedChange = { code, what };
    throw ApplicationFailure.create({ message, type, nonRetryable: true, details: [refused], cause: error });
  }
}
