/** Fault 22: a run that begins on a worker of one version and goes on at one of another, in both directions. @module */
import { join } from 'node:path';
import { completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { lifeOfLoad, loads } from './support/load.js';
import { makeNextVersion } from './support/next-version.js';
import { lostAndResumed } from './support/sentences.js';
import { MissedMoment, randomMoment, trainerOf } from './support/trainers.js';
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
    const [before, after] = index % 4 < 2 ? versions : versions.toReversed();
    const { contract, input, stepMs } = random.pick(loads);
    const expected = await lab.unbroken(contract, input);
    const first = await lab.unusualWorker(pool, before);
    const run = await lab.pipelines.start(contract, { input: { ...input, stepMs, pool, heartbeatSeconds: 2 } });
    await randomMoment(lab, await trainerOf(lab, run), lifeOfLoad, random);
    await first.kill();
    const second = await lab.unusualWorker(pool, after);
    try {
      await completesAs(lab, run, expected);
      const { stages } = await run.status();
      if (stages[0]?.attempts === 1) throw new MissedMoment('the run was over before its worker was killed');
      await tells(lab, run, lostAndResumed);
    } finally {
      await second.kill();
    }
  },
};
