/** Fault 25: connections between a worker and the engine that are reset at random moments, again and again. @module */
import { disturbWorker } from './support/disturbed-worker.js';
import type { Fault } from './support/fault.js';
import { startTcpProxy } from './support/tcp-proxy.js';

export const cutStreams: Fault = {
  number: 25,
  name: 'gRPC connections cut at random',
  trials: 20,
  quick: 1,
  atOnce: 2,
  try: async ({ slot, lab: open, random }) => {
    const lab = await open();
    const pool = `own${slot}`;
    const proxy = await startTcpProxy(lab.address);
    try {
      await disturbWorker(lab, {
        pool,
        settings: { env: { TEMPORAL_ADDRESS: proxy.address } },
        random,
        leastMs: 50,
        mostMs: 550,
        act: proxy.cut,
      });
    } finally {
      await proxy.close();
    }
  },
};
