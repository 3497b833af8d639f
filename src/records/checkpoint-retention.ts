/** Which checkpoints stay while a stage runs: the others' manifests go, their files are left to the collection of garbage. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { CheckpointsKept, StageContract } from '../contracts/define-stage.js';
import { attemptTokens } from './attempt-log.js';
import { checkpointChain, readBase } from './checkpoint-chain.js';
import { baseKey, callFolder, parseRecordKey } from './layout.js';

/**
 * What a contract keeps: the newest two at least, so that a damaged one costs little; and where a failure may be answered by passing
 * over n checkpoints after its n-th time, as many as that takes, and two more.
 */
export function checkpointsKept({ keep, adaptations }: Pick<StageContract, 'keep' | 'adaptations'>): CheckpointsKept {
  const mostTimes = Math.max(0, ...Object.values(adaptations).map(({ atMost }) => atMost));
  return { ...keep, last: Math.max(keep.last, mostTimes + 2) };
}

/**
 * Removes the manifests on the chain of the attempt `token` that are beyond `keep`; not the one that it resumed from, and none of
 * another call. Killed half-way, it is made again after the next checkpoint.
 * @param call its `baseOrdinal` is that of the checkpoint that it resumed from, 0 for none
 */
export async function removeSurplus(
  store: ArtifactStore,
  call: {
    readonly stageKey: string;
    readonly token: string;
    readonly keep: CheckpointsKept;
    readonly baseOrdinal: number;
  },
): Promise<void> {
  const { stageKey, token, keep, baseOrdinal } = call;
  const folder = callFolder('checkpoints', stageKey);
  const silent = () => Promise.resolve();
  const base = (await readBase(store, baseKey(folder, token), silent))?.checkpoint?.key;
  const surplus: string[] = [];
  let rank = 0;
  let newest = 0;
  for await (const { key, back } of checkpointChain(store, folder, { report: silent })) {
    if (rank === 0) newest = baseOrdinal + (key === base ? 0 : (parseRecordKey(key)?.seq ?? 0));
    const stays = rank++ < keep.last || (keep.every !== undefined && (newest - back) % keep.every === 0);
    if (!stays && key !== base && key.startsWith(folder)) surplus.push(key);
  }
  // An attempt that begins after this question writes its log first and looks for checkpoints then: it finds those that stay. One
  // that began before may look right now at what would go.
  if ((await attemptTokens(store, stageKey)).some((other) => other > token)) return;
  for (const key of surplus.reverse()) await store.housekeeping.removeRecord(key);
}
