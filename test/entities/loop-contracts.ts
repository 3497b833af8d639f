/** Loops whose models are as good as their triggers say. @module */
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

export const watched = defineMonitor('watched', {
  stages: {},
  endpoint: 'served',
  every: '1 hour',
  closeAfter: 1,
  loop: 'tried',
});
