/** Reads everything that is needed again, and names what is damaged or missing, and who needs it. @module */
import { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { readRecord } from '../records/sealed-records.js';
import { type LiveOptions, liveRecords, liveRefs, type Need } from './live-refs.js';
import { looking, mark, needsOf } from './marks.js';

/** One thing that is not as it was stored. */
export interface Damage {
  /** `sha256:…`, or the key of a record. */
  readonly what: string;
  readonly problem: string;
  readonly needs: readonly Need[];
}

/** How much was read, and what was wrong. */
export interface Verified {
  readonly objects: number;
  readonly sizeBytes: number;
  readonly records: number;
  readonly damages: readonly Damage[];
}

/** Verifies objects and records that live refs reach; streams, some objects at a time. */
export async function verifyStore(
  options: LiveOptions & { readonly onProgress?: (soFar: Omit<Verified, 'damages'>) => void },
): Promise<Verified> {
  const { store, onProgress } = options;
  const soFar = { objects: 0, sizeBytes: 0, records: 0 };
  const damages: Damage[] = [];
  for await (const { key, need } of liveRecords(options, { curves: true })) {
    const problem = await problemOf(store, key);
    if (problem !== undefined) damages.push({ what: key, problem, needs: [need] });
    soFar.records++;
    onProgress?.(soFar);
  }
  const problems = new Map<string, string>();
  const visit = looking(store, ({ sha256 }, error) => problems.set(sha256, error.what), true);
  await mark(store, liveRefs(options), async (content) => {
    const inner = await visit(content);
    soFar.objects++;
    soFar.sizeBytes += content.sizeBytes;
    onProgress?.(soFar);
    return inner;
  });
  if (problems.size > 0) damages.push(...(await withNeeds(options, problems)));
  return { ...soFar, damages };
}

async function problemOf(store: ArtifactStore, key: string): Promise<string | undefined> {
  try {
    await readRecord(store, key, z.json());
    return undefined;
  } catch (error) {
    if (error instanceof TrainyardError) return error.what;
    throw error;
  }
}

async function withNeeds(options: LiveOptions, problems: ReadonlyMap<string, string>): Promise<Damage[]> {
  const needs = new Map<string, Need[]>();
  for await (const { sha256, need } of needsOf(options.store, liveRefs(options), new Set(problems.keys())))
    needs.set(sha256, [...(needs.get(sha256) ?? []), need]);
  return [...problems].map(([sha256, problem]) => ({
    what: `sha256:${sha256}`,
    problem,
    needs: needs.get(sha256) ?? [],
  }));
}
