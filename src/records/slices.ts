/** How the slices of a schedule ended: a record for each attempt, created once, for longer than Temporal remembers runs. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import { z } from 'zod';
import { SliceOfRun, SliceOutcome } from '../contracts/slices.js';
import { sliceKey } from './layout.js';
import { createRecord, readRecord } from './sealed-records.js';

/** How an attempt at a slice ended. */
export const SliceRecord = z.object({
  ...SliceOfRun.shape,
  ...SliceOutcome.shape,
  /** By the server's clock. */
  endedAt: z.iso.datetime(),
});
export type SliceRecord = z.output<typeof SliceRecord>;

/** Records how an attempt ended and gives what holds: the record that was there before, if there was one. */
export async function recordSlice(store: ArtifactStore, record: SliceRecord): Promise<SliceRecord> {
  const { schedule, at, attempt } = record;
  if (await createRecord(store, sliceKey(schedule, at, attempt), SliceRecord.parse(record))) return record;
  return (await readAttempt(store, schedule, at, attempt)) ?? record;
}

/** How one attempt ended; undefined while it has not. Throws TY1301 for a damaged record. */
export async function readAttempt(
  store: ArtifactStore,
  schedule: string,
  slice: string,
  attempt: number,
): Promise<SliceRecord | undefined> {
  return (await readRecord(store, sliceKey(schedule, slice, attempt), SliceRecord))?.body;
}

/** How all attempts at a slice ended, in order. */
export async function readSlice(store: ArtifactStore, schedule: string, slice: string): Promise<SliceRecord[]> {
  const records: SliceRecord[] = [];
  for (let attempt = 1; ; attempt++) {
    const record = await readAttempt(store, schedule, slice, attempt);
    if (record === undefined) return records;
    records.push(record);
  }
}
