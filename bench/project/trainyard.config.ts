/** The project of the benches that run pipelines. @module */
import { defineProject } from 'trainyard';

export const project = defineProject({
  name: 'bench',
  pools: { cpu: {} },
  store: `file:${process.env['TRAINYARD_BENCH_STORE'] ?? '.trainyard/artifacts'}`,
});
