/** Loops whose models are as good as their triggers say. @module */
import { z } from 'zod';
import { defineLoop } from '../../src/contracts/define-loop.js';
import { defineMonitor } from '../../src/contracts/define-monitor.js';

const common = {
  stages: {},
  endpoint: 'served',
  window: { fresh: '7 days' },
  gate: { margin: 0.005 },
  debounce: '0 ms',
  coolDown: '0 ms',
} as const;

export const tried = defineLoop('tried', { ...common, triggers: { rows: 100 } });
export const asked = defineLoop('asked', { ...common, triggers: {}, approval: { expiresIn: '1 hour' } });

export const Flight = z.object({ carrier: z.string().nullable(), distance: z.number().nullable(), hour: z.int() });
export const Late = z.object({ late: z.number() });

const hold = { seconds: 0, requests: 20 };

/** Its models answer differently by intent: only errors are to count. */
export const staged = defineLoop('staged', {
  ...common,
  endpoint: 'staged',
  triggers: {},
  rollout: {
    steps: [
      { mode: 'shadow', hold },
      { mode: 'canary', share: 0.5, hold },
    ],
    limits: { driftPsi: 1e9, latencySuperiority: 0.99 },
    lookEvery: 0.2,
  },
});

export const watched = defineMonitor('watched', {
  stages: {},
  endpoint: 'served',
  every: '1 hour',
  closeAfter: 1,
  loop: 'tried',
});
