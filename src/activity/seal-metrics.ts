/** The curves of a finished stage as one Parquet artifact: what notebooks and reports read. @module */
import { messageOf } from '../contracts/errors.js';
import { parquetOf } from '../data/parquet.js';
import { readMetrics } from '../records/metrics-segments.js';
import type { AttemptRecords } from './attempt-records.js';

const columns = { attempt: 'int32', step: 'double', time: 'int64', name: 'text', value: 'double' } as const;

/**
 * Stores the points that count, a row for each value, and names the artifact `metrics` in the attempt log. The segments stay
 * the record, so that a failure here is said and passed over: it must not cost a trained model.
 */
export async function sealMetrics({ store, stageKey, log, logger, metrics }: AttemptRecords): Promise<void> {
  if (metrics.lastStep === undefined) return;
  try {
    const ref = await store.put(parquetOf(columns, rows(readMetrics(store, stageKey))));
    await log.append({ event: 'tracked', kind: 'artifact', name: 'metrics', ref });
  } catch (error) {
    logger.warn({ reason: messageOf(error) }, 'the metrics were not sealed; their segments are in the store');
  }
}

async function* rows(points: ReturnType<typeof readMetrics>) {
  for await (const { attempt, step, time, values } of points)
    for (const [name, value] of Object.entries(values)) yield { attempt, step, time, name, value };
}
