/** The activity by which workflows change entities: who waits for an Update must be outside the sandbox. @module */
import { ApplicationFailure } from '@temporalio/activity';
import { type EntityHost, requestChange } from '../client/change-entity.js';
import { changeActivity, changeRefused, type ChangeRequest, type RefusedChange } from '../contracts/entities.js';
import { TrainyardError } from '../contracts/errors.js';

/** An activity has no heartbeat to send while it waits: it gives up sooner, and is tried again. */
const patienceMs = 15_000;

/** The activity by name. A request id makes the change once, however often the activity is tried. */
export function changeActivities(host: EntityHost) {
  return {
    [changeActivity]: async (kind: string, name: string, request: ChangeRequest): Promise<unknown> => {
      try {
        return await requestChange(host, kind, name, request, patienceMs);
      } catch (error) {
        if (!(error instanceof TrainyardError) || error.retried) throw error;
        const refused: RefusedChange = { code: error.code, what: error.what };
        const { message } = error;
        throw ApplicationFailure.create({ message, type: changeRefused, nonRetryable: true, details: [refused] });
      }
    },
  };
}
