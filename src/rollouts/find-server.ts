/** Where a revision is served: the live server of this store that has loaded it. @module */
import { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { serversOf } from '../records/endpoints.js';

/** What a server says of a model; the digest tells it from a stranger at an old address. */
const ModelMetadata = z.object({ versions: z.array(z.string()), parameters: z.object({ model_sha256: z.string() }) });

/** The revision that is looked for. */
export interface WantedRevision {
  readonly endpoint: string;
  readonly revision: number;
  /** Digest of its model. */
  readonly model: string;
  /** The endpoint's newest generation: a server that failed at an older one may load this one. */
  readonly generation: number;
}

/**
 * Address of the endpoint on a server that serves the revision: `http://…/v2/models/churn`; undefined while none does.
 * @throws TrainyardError TY1702 where a server could not load it, and no other one did.
 */
export async function findServer(store: ArtifactStore, wanted: WantedRevision): Promise<string | undefined> {
  const { endpoint, revision, model, generation } = wanted;
  let failure: TrainyardError | undefined;
  for (const server of await serversOf(store, endpoint)) {
    const address = `${server.address}/v2/models/${encodeURIComponent(endpoint)}`;
    if (server.state === 'failed') {
      if (server.generation >= generation)
        failure ??= new TrainyardError('TY1702', `the server at ${server.address}: ${server.reason}`);
    } else if (server.revisions.includes(revision) && (await serves(`${address}/versions/${revision}`, model)))
      return address;
  }
  if (failure) throw failure;
  return undefined;
}

/** Whether a record still holds: the process behind it may be gone, and its port somebody else's. */
async function serves(address: string, model: string): Promise<boolean> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(2_000) });
    const metadata = ModelMetadata.safeParse(await response.json());
    return metadata.success && metadata.data.parameters.model_sha256 === model;
  } catch {
    return false; // nobody there, or nobody that speaks the protocol
  }
}
