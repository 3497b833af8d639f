/** Everything that live refs reach: what they name, what those documents name, and so on. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { type FoundRef, refsOfObject } from './find-refs.js';
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
export type Visit = (ref: FoundRef) => Promise<readonly FoundRef[]>;

/** Visits everything that live refs reach and gives its digests. A digest without a size is looked up in the store. */
export async function mark(store: ArtifactStore, live: AsyncIterable<LiveRef>, visit: Visit): Promise<Marks> {
  const marks = new Marks();
  const unsized = new Set<string>();
  const descend = async (ref: FoundRef): Promise<void> => {
    if (marks.add(ref.sha256)) for (const inner of await visit(ref)) await descend(inner);
  };
  let batch: FoundRef[] = [];
  for await (const { ref } of live) {
    if (ref.sizeBytes === undefined) unsized.add(ref.sha256);
    else if (!marks.has(ref.sha256)) batch.push({ ...ref, sizeBytes: ref.sizeBytes });
    if (batch.length < concurrency) continue;
    await Promise.all(batch.map(descend));
    batch = [];
  }
  await Promise.all(batch.map(descend));
  if (unsized.size > 0)
    for await (const { sha256, sizeBytes } of store.housekeeping.objects())
      if (unsized.has(sha256)) await descend({ sha256, sizeBytes });
  for (const sha256 of unsized) marks.add(sha256);
  return marks;
}

/** The refs in a document; none, and `report` is told, when it is missing or damaged: what it named is not known. */
export function looking(
  store: ArtifactStore,
  report: (ref: FoundRef, error: TrainyardError) => void,
  whole = false,
): Visit {
  return async (ref) => {
    try {
      return await refsOfObject(store, ref, { whole });
    } catch (error) {
      if (!(error instanceof TrainyardError) || !['TY1201', 'TY1202'].includes(error.code)) throw error;
      report(ref, error);
      return [];
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
  const reached = async (ref: FoundRef): Promise<ReadonlySet<string>> => {
    const before = known.get(ref.sha256);
    if (before) return before;
    const found = new Set<string>(wanted.has(ref.sha256) ? [ref.sha256] : []);
    for (const inner of await visit(ref)) for (const sha256 of await reached(inner)) found.add(sha256);
    known.set(ref.sha256, found.size > 0 ? found : nothing);
    return found;
  };
  for await (const { ref, need } of live) {
    const { sizeBytes } = ref;
    const found =
      sizeBytes === undefined ? [ref.sha256].filter((one) => wanted.has(one)) : await reached({ ...ref, sizeBytes });
    for (const sha256 of found) yield { sha256, need };
  }
}

const nothing: ReadonlySet<string> = new Set();

/** 32 bytes as a string of 32 one-byte characters: half of what 64 hexadecimal digits take. */
function packed(sha256: string): string {
  return Buffer.from(sha256, 'hex').toString('latin1');
}
