/** Activities of rollouts: looks, and their ends. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import { endRolloutActivity, judgeRolloutActivity, type LookRequest, type RolloutEnd } from '../contracts/rollouts.js';
import { keepEnd } from '../records/rollouts.js';
import type { Signer } from '../records/signing.js';
import { judge } from '../rollouts/judge.js';

/** The activities by name; each may be killed and made again. */
export function rolloutActivities({ store, signer }: { readonly store: ArtifactStore; readonly signer: Signer }) {
  return {
    [judgeRolloutActivity]: (request: LookRequest) => judge(store, request),
    [endRolloutActivity]: (end: Omit<RolloutEnd, 'evidence' | 'at'>) => keepEnd(store, end, signer),
  };
}
