/** Everything that live refs reach: what they name, what those documents name, and so on. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { Content } from '../artifacts/verified.js';
import { TrainyardError } from '../contracts/errors.js';
import { digestsIn, type FoundRef, refsOfObject } from './find-refs.js';
import type { LiveRef, Need } from './live-refs.js';

/** Objects looked into at a time. */
const concurrency = 8;

/** Digests, each in some 90 bytes of memory: a million in 90 MB. */
export class Marks {
  readonly #digests = new Set<string>();

  /** False when it is there already. */
  add(sha256: string): boolean {
    const before = this.#digests.size;
    this.#digests.add(packed(sha256));
    return this.#digests.size > before;
  }

  has(sha256: string): boolean {
    return this.#digests.has(packed(sha256));
  }

  get size(): number {
    return this.#digests.size;
  }
}

/** Called once for each object that is reached; gives the refs in it. */
export type Visit = (content: Content) => Promise<readonly FoundRef[]>;

/** Visits everything that live refs reach and gives its digests. A digest without a size is looked up in the store. */
export async function mark(store: ArtifactStore, live: AsyncIterable<LiveRef>, visit: Visit): Promise<Marks> {
  const marks = new Marks();
  let unsized = new Set<string>();
  const descend = async ({ sha256, sizeBytes }: FoundRef): Promise<void> => {
    if (sizeBytes === undefined) unsized.add(sha256);
    else if (marks.add(sha256)) for (const inner of await visit({ sha256, sizeBytes })) await descend(inner);
  };
  let batch: FoundRef[] = [];
  for await (const { ref } of live) {
    if (!marks.has(ref.sha256)) batch.push(ref);
    if (batch.length < concurrency) continue;
    await Promise.all(batch.map(descend));
    batch = [];
  }
  await Promise.all(batch.map(descend));
  while (unsized.size > 0) {
    const wanted = unsized;
    unsized = new Set();
    for await (const object of store.housekeeping.objects()) if (wanted.has(object.sha256)) await descend(object);
    for (const sha256 of wanted) marks.add(sha256);
    unsized = new Set([...unsized].filter((sha256) => !marks.has(sha256)));
  }
  return marks;
}

/**
 * The refs in a document. Where it is damaged, `report` is told and the digests that are left of it are given; where it is missing, nobody
 * knows what it named.
 */
export function looking(
  store: ArtifactStore,
  report: (content: Content, error: TrainyardError) => void,
  whole = false,
): Visit {
  return async (content) => {
    try {
      return await refsOfObject(store, content, { whole });
    } catch (error) {
      if (!(error instanceof TrainyardError) || !['TY1201', 'TY1202'].includes(error.code)) throw error;
      report(content, error);
      return error.code === 'TY1202' ? digestsIn(store.get(content)) : [];
    }
  };
}

/** For each wanted artifact, who needs it: directly, or by a document that names it. */
export async function* needsOf(
  store: ArtifactStore,
  live: AsyncIterable<LiveRef>,
  wanted: ReadonlySet<string>,
): AsyncGenerator<{ readonly sha256: string; readonly need: Need }, void, undefined> {
  const visit = looking(store, () => undefined);
  const known = new Map<string, ReadonlySet<string>>();
  const reached = async ({ sha256, sizeBytes }: FoundRef): Promise<ReadonlySet<string>> => {
    const before = known.get(sha256);
    if (before) return before;
    const found = new Set<string>(wanted.has(sha256) ? [sha256] : []);
    const inside = sizeBytes === undefined ? [] : await visit({ sha256, sizeBytes });
    for (const inner of inside) for (const one of await reached(inner)) found.add(one);
    known.set(sha256, found.size > 0 ? found : nothing);
    return found;
  };
  for await (const { ref, need } of live) for (const sha256 of await reached(ref)) yield { sha256, need };
}

const nothing: ReadonlySet<string> = new Set();

/** 32 bytes as a string of 32 one-byte characters: half of what 64 hexadecimal digits take. */
function packed(sha256: string): string {
  return Buffer.from(sha256, 'hex').toString('latin1');
}
