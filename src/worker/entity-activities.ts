/** Local activities of entities: where a name stands in the store, and its next heads. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { Actor } from '../contracts/actors.js';
import {
  changeRefused,
  type ChangeRequest,
  EntityHead,
  type PublishOutcome,
  type PublishRequest,
  publishChangesActivity,
  readStandingActivity,
  type RefusedChange,
  type Standing,
} from '../contracts/entities.js';
import { createEntityHead, readStanding } from '../records/entity-heads.js';
import { headKey } from '../records/layout.js';
import { readRecord } from '../records/sealed-records.js';
import type { Signer } from '../records/signing.js';
import { untilFinal } from './final-failure.js';
import type { Identify } from './identify.js';

/** Why a policy of the project refuses a change; undefined where it does not. Looks at no state but the store's. */
export type ChangePolicy = (name: string, request: ChangeRequest, by: Actor) => Promise<RefusedChange | undefined>;

/** What the activities stand on. */
export interface EntityActivityOptions {
  readonly store: ArtifactStore;
  readonly signer: Signer;
  /** Who somebody is, as far as it can be known. */
  readonly identify: Identify;
  /** By kind. */
  readonly policies: Readonly<Record<string, ChangePolicy>>;
}

/** The activities by name. */
export function entityActivities({ store, signer, identify, policies }: EntityActivityOptions) {
  /** Digest of the head that this process published last, by kind and name. */
  const own = new Map<string, string | null>();
  /** Where the store stands if it lacks the head that an entity goes on from: another store, or one that was set back. */
  const elsewhere = async ({ kind, name, generation, digest }: PublishRequest): Promise<Standing | undefined> => {
    if (generation === 0 || own.get(`${kind}/${name}`) === digest) return undefined;
    const sealed = await readRecord(store, headKey(kind, name, generation), EntityHead);
    return sealed?.sha256 === digest ? undefined : ((await readStanding(store, kind, name)) ?? neverPublished);
  };
  return {
    [readStandingActivity]: (kind: string, name: string): Promise<Standing | undefined> =>
      untilFinal(changeRefused, () => readStanding(store, kind, name)),
    /** Killed at any line and run again, it finds its own heads, says so by `overtaken`, and nothing is published twice. */
    [publishChangesActivity]: (request: PublishRequest): Promise<PublishOutcome> =>
      untilFinal(changeRefused, async () => {
        const { kind, name, changes } = request;
        let { digest } = request;
        let published = 0;
        const standing = await elsewhere(request);
        if (standing) return { published, digest, overtaken: standing };
        for (const { request: asked, at, result, state } of changes) {
          const { by: claim, ...wish } = asked;
          const by = await identify(claim, asked.id);
          const refused = await policies[kind]?.(name, asked, by);
          if (refused) return { published, digest, refused };
          const place = { kind, name, generation: request.generation + published + 1 };
          // Results and states are JSON: they came here as such.
          const head = { request: wish, by, at, previous: digest, result: result as never, state: state as never };
          const created = await createEntityHead(store, place, head, signer);
          if (created === undefined) return { published, digest, overtaken: await readStanding(store, kind, name) };
          digest = created;
          own.set(`${kind}/${name}`, created);
          published++;
        }
        return { published, digest };
      }),
  };
}

const neverPublished: Standing = { generation: 0, digest: null, at: null, state: null, recent: [] };
