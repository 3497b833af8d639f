/** The activity by which workflows change entities: who waits for an Update must be outside the sandbox. @module */
import { type EntityHost, requestChange } from '../client/change-entity.js';
import { changeActivity, changeRefused, type ChangeRequest } from '../contracts/entities.js';
import { untilFinal } from './final-failure.js';

/** An activity has no heartbeat to send while it waits: it gives up sooner, and is tried again. */
const patienceMs = 15_000;

/** The activity by name. A request id makes the change once, however often the activity is tried. */
export function changeActivities(host: EntityHost) {
  return {
    [changeActivity]: (kind: string, name: string, request: ChangeRequest): Promise<unknown> =>
      untilFinal(changeRefused, () => requestChange(host, kind, name, request, patienceMs)),
  };
}
