/** What a store holds, by run and stage: every artifact that something live names. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { Content } from '../artifacts/verified.js';
import type { FoundRef } from './find-refs.js';
import { type LiveOptions, type LiveRef, liveRefs, type Need } from './live-refs.js';
import { looking, Marks } from './marks.js';

/** An artifact where it was first named. */
export interface Listed extends Need {
  readonly sha256: string;
  /** `dataset`, `model`, `report`, or what its place says: `checkpoint`, `tracked`, `log`, `file`. */
  readonly kind: string;
  /** Property that holds it: the name of a checkpoint's file, of a stage's output … */
  readonly name: string | undefined;
  /** With everything that it names. */
  readonly sizeBytes: number;
  /** When it was last put; undefined when the store lacks it. */
  readonly writtenMs: number | undefined;
}

/** All artifacts, and all that the store holds. */
export interface Inventory {
  readonly artifacts: readonly Listed[];
  readonly objects: number;
  readonly sizeBytes: number;
}

/** Lists each artifact once for each run and each head that names it: with the stage that named it first, which is the one that made it. */
export async function takeInventory(options: LiveOptions & { readonly kind?: string }): Promise<Inventory> {
  const rows = new Map<string, { live: LiveRef; kind: string; sizeBytes: number }>();
  const sizeOf = totalSizes(options.store);
  for await (const live of liveRefs(options)) {
    const { ref, need } = live;
    const kind = kindOf(live);
    const key = `${ref.sha256} ${need.run ?? ''} ${need.head ?? ''}`;
    if (rows.has(key) || (options.kind !== undefined && kind !== options.kind)) continue;
    rows.set(key, { live, kind, sizeBytes: await sizeOf(ref) });
  }
  const times = new Map([...rows.values()].map(({ live }) => [live.ref.sha256, undefined as number | undefined]));
  let objects = 0;
  let sizeBytes = 0;
  for await (const object of options.store.housekeeping.objects()) {
    objects++;
    sizeBytes += object.sizeBytes;
    if (times.has(object.sha256)) times.set(object.sha256, object.writtenMs);
  }
  const artifacts = [...rows.values()].map(({ live: { ref, need }, ...row }) => ({
    ...need,
    ...row,
    sha256: ref.sha256,
    name: ref.name,
    writtenMs: times.get(ref.sha256),
  }));
  return { artifacts, objects, sizeBytes };
}

function kindOf({ ref, need: { by } }: LiveRef): string {
  if (ref.kind !== undefined) return ref.kind;
  if (by.startsWith('checkpoints/')) return 'checkpoint';
  if (by.startsWith('attempts/')) return 'tracked';
  return ref.name === 'log' ? 'log' : 'file';
}

/** Sizes with everything that is named, each object counted once; documents are read once. */
function totalSizes(store: ArtifactStore): (ref: FoundRef) => Promise<number> {
  const visit = looking(store, () => undefined);
  const documents = new Map<string, readonly FoundRef[]>();
  const leaves = new Marks();
  const inside = async (content: Content) => {
    if (leaves.has(content.sha256)) return [];
    const before = documents.get(content.sha256);
    if (before) return before;
    const found = await visit(content);
    if (found.length === 0) leaves.add(content.sha256);
    else documents.set(content.sha256, found);
    return found;
  };
  return async (root) => {
    const counted = new Marks();
    const total = async ({ sha256, sizeBytes }: FoundRef): Promise<number> => {
      if (sizeBytes === undefined || !counted.add(sha256)) return 0;
      let sum = sizeBytes;
      for (const inner of await inside({ sha256, sizeBytes })) sum += await total(inner);
      return sum;
    };
    return total(root);
  };
}
