/** Fault 22: a run that begins on a worker of one version and goes on at one of another, in both directions. @module */
import { join } from 'node:path';
import type { Fault } from './support/fault.js';
import { handOver } from './support/hand-over.js';
import { makeNextVersion } from './support/next-version.js';
import type { WorkerSettings } from './support/worker-process.js';

export const mixedVersions: Fault = {
  number: 22,
  name: 'a worker of an older version beside a newer one',
  trials: 10,
  quick: 0,
  atOnce: 2,
  try: async ({ index, slot, lab: open, random, folder }) => {
    const lab = await open();
    const pool = `own${slot}`;
    const { command, configUrl } = await makeNextVersion(join(folder, 'next'));
    const versions: readonly WorkerSettings[] = [{}, { command, env: { TRAINYARD_FAULTS_CONFIG: configUrl } }];
    const [from, to] = index % 4 < 2 ? versions : versions.toReversed();
    await handOver(lab, { pool, random, from, to });
  },
};
