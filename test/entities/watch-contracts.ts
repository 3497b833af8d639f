/** A monitor that takes the standard look. @module */
import { z } from 'zod';
import { defineMonitor } from '../../src/contracts/define-monitor.js';
import { DatasetRef } from '../../src/contracts/refs.js';
import { monitorStage } from '../../src/stages/monitor.js';
import { readTrafficStage } from '../../src/stages/read-traffic.js';
import { watchErrorsStage } from '../../src/stages/watch-errors.js';

export const Asked = z.object({
  at: z.iso.datetime(),
  region: z.string(),
  wind: z.number(),
  score: z.number(),
  late: z.boolean(),
});

export const Settings = z.object({ dataset: DatasetRef.of(Asked) });

const table = { row: Asked, target: 'late' } as const;

export const standard = defineMonitor('standard', {
  stages: { readTraffic: readTrafficStage(table), watchErrors: watchErrorsStage(table), monitor: monitorStage(table) },
  endpoint: 'scored',
  every: '1 hour',
  closeAfter: 1,
});
