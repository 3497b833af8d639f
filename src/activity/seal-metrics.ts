/** The curves of a finished stage as one Parquet artifact: what notebooks and reports read. @module */
import { join } from 'node:path';
import { messageOf } from '../contracts/errors.js';
import { writeParquet } from '../data/write-parquet.js';
import { readMetrics } from '../records/metrics-segments.js';
import type { AttemptRecords } from './attempt-records.js';
import type { Scratch } from './scratch.js';

const columns = { attempt: 'INTEGER', step: 'DOUBLE', time: 'BIGINT', name: 'VARCHAR', value: 'DOUBLE' } as const;

/**
 * Stores the points that count, a row for each value, and names the artifact `metrics` in the attempt log. The segments stay
 * the record, so that a failure here is said and passed over: it must not cost a trained model.
 */
export async function sealMetrics(
  { store, stageKey, log, logger, metrics }: AttemptRecords,
  scratch: Scratch,
): Promise<void> {
  if (metrics.lastStep === undefined) return;
  try {
    const path = join(scratch.path, 'metrics.parquet');
    await writeParquet(rows(readMetrics(store, stageKey)), { columns, path, scratch: scratch.path });
    const ref = await store.put({ path });
    await log.append({ event: 'tracked', kind: 'artifact', name: 'metrics', ref });
  } catch (error) {
    logger.warn({ reason: messageOf(error) }, 'the metrics were not sealed; their segments are in the store');
  }
}

async function* rows(points: ReturnType<typeof readMetrics>) {
  for await (const { attempt, step, time, values } of points)
    for (const [name, value] of Object.entries(values)) yield { attempt, step, time, name, value };
}
