/** The way back at once: a model that has turned out worse goes, and the one before it answers again. @module */
import { scheduleActivity } from '@temporalio/workflow';
import { type EndpointChange, endpoints, type EndpointState } from '../contracts/endpoints.js';
import type { Ref } from '../contracts/refs.js';
import { readEndpointActivity } from '../contracts/roll-out.js';
import { mainRevision, singleTraffic } from '../contracts/traffic.js';
import { changeName, type NameChangeOptions } from './change-name.js';

const asking = { startToCloseTimeout: '30 seconds', retry: { initialInterval: '1s', maximumInterval: '10s' } } as const;

/**
 * Puts a model that has been served back in front of an endpoint's callers, without steps, and takes the bad one away. Leaves an endpoint alone whose
 * requests the bad one does not answer any more.
 * @param pair.good absent where none was served before: the endpoint goes out of service
 */
export async function putBack(
  endpoint: string,
  pair: { readonly bad: Ref; readonly good?: Ref | undefined },
  options: NameChangeOptions,
): Promise<void> {
  const { bad, good } = pair;
  const state = await scheduleActivity<EndpointState | null>(readEndpointActivity, [endpoint], asking);
  if (state === null || state.traffic === null) return;
  const { requestId } = options;
  const ask = (change: EndpointChange) => {
    const own = requestId === undefined ? {} : { requestId: `${requestId}-${change.kind}` };
    return changeName(endpoints, endpoint, change, { ...options, ...own });
  };
  const { revisions, traffic } = state;
  const answering = revisions.find(({ id }) => id === mainRevision(traffic));
  if (answering?.model.sha256 !== bad.sha256) return;
  if (good !== undefined) {
    // The oldest: it has served.
    const standing = revisions.find(({ model }) => model.sha256 === good.sha256);
    const sticky = traffic.stickyBy === undefined ? {} : { stickyBy: traffic.stickyBy };
    const { uri, sha256, sizeBytes } = good;
    await ask(
      standing
        ? { kind: 'setTraffic', traffic: { ...singleTraffic(standing.id), ...sticky } }
        : { kind: 'deploy', model: { uri, sha256, sizeBytes }, traffic: 'all' },
    );
  }
  await ask({ kind: 'withdraw', revision: answering.id });
}
