/** Rollouts in the store: every look, and how each ended. @module */
import { putJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { keySegment } from '../contracts/names.js';
import { RolloutEnd, RolloutLook, type RolloutPlan } from '../contracts/rollouts.js';
import { createRecord, readRecord } from './sealed-records.js';
import type { Signer } from './signing.js';

type Named = Pick<RolloutPlan, 'id' | 'endpoint'>;

/** Keeps a look; where it was kept before, gives what was. */
export async function keepLook(store: ArtifactStore, rollout: Named, look: RolloutLook): Promise<RolloutLook> {
  const key = `${folderOf(rollout)}looks/${String(look.look).padStart(9, '0')}.json`;
  if (await createRecord(store, key, RolloutLook.parse(look))) return look;
  return (await readRecord(store, key, RolloutLook))?.body ?? look;
}

/** The looks of a rollout, in order. */
export async function looksOf(store: ArtifactStore, rollout: Named): Promise<RolloutLook[]> {
  const looks: RolloutLook[] = [];
  for await (const key of store.list(`${folderOf(rollout)}looks/`)) {
    const look = (await readRecord(store, key, RolloutLook))?.body;
    if (look) looks.push(look);
  }
  return looks;
}

/** Keeps how a rollout ended, with its looks as one artifact; the first word stays. */
export async function keepEnd(
  store: ArtifactStore,
  end: Omit<RolloutEnd, 'evidence' | 'at'>,
  signer: Signer,
): Promise<RolloutEnd> {
  const evidence = await putJson(store, await looksOf(store, end.plan));
  const body = RolloutEnd.parse({ ...end, at: new Date().toISOString(), evidence });
  await createRecord(store, endKey(end.plan), body, signer);
  return (await endOf(store, end.plan)) ?? body;
}

/** How a rollout ended; undefined while it has not. */
export async function endOf(store: ArtifactStore, rollout: Named): Promise<RolloutEnd | undefined> {
  return (await readRecord(store, endKey(rollout), RolloutEnd))?.body;
}

/** The rollouts of an endpoint that ended, oldest first. */
export async function endedRollouts(store: ArtifactStore, endpoint: string): Promise<RolloutEnd[]> {
  const ends: RolloutEnd[] = [];
  for await (const key of store.list(`rollouts/${keySegment(endpoint)}/`)) {
    const end = key.endsWith('/end.json') ? (await readRecord(store, key, RolloutEnd))?.body : undefined;
    if (end) ends.push(end);
  }
  return ends.sort((a, b) => (a.at < b.at ? -1 : 1));
}

function folderOf({ id, endpoint }: Named): string {
  return `rollouts/${keySegment(endpoint)}/${keySegment(id)}/`;
}

function endKey(rollout: Named): string {
  return `${folderOf(rollout)}end.json`;
}
