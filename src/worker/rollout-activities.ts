/** Activities of rollouts: looks, and their ends. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import { endRolloutActivity, judgeRolloutActivity, type LookRequest, type RolloutEnd } from '../contracts/rollouts.js';
import { keepEnd } from '../records/rollouts.js';
import type { Signer } from '../records/signing.js';
import { judge } from '../rollouts/judge.js';
import { TrafficSums } from '../rollouts/traffic-sums.js';

/** The activities by name; each may be killed and made again. */
export function rolloutActivities({ store, signer }: { readonly store: ArtifactStore; readonly signer: Signer }) {
  const sums = new TrafficSums(store);
  return {
    [judgeRolloutActivity]: (request: LookRequest) => judge({ store, sums }, request),
    [endRolloutActivity]: (end: Omit<RolloutEnd, 'evidence' | 'at'>) => keepEnd(store, end, signer),
  };
}
