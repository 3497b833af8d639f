/** The project of the benches that run pipelines. @module */
import { defineProject } from 'trainyard';

export const project = defineProject({
  name: 'bench',
  // As many as a worker of Temporal's SDK has by itself: both sides run the same number at a time.
  pools: { cpu: { slots: 100 } },
  store: process.env['TRAINYARD_BENCH_STORE'] ?? 'file:.trainyard/artifacts',
});
