/** Fault 11: kill -9 of the S3 server while a checkpoint is uploaded in parts. @module */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { installServer, versitygw } from '../../tools/s3/install.js';
import { makeBucket, startVersitygw } from '../../tools/s3/start.js';
import { startS3Proxy } from '../support/s3-proxy.js';
import { counting } from './project/contracts.js';
import { resultOf, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { openLab } from './support/lab.js';
import { MissedMoment } from './support/trainers.js';

/** Three parts a checkpoint. */
const input = { steps: 4, fillBytes: 20 * 1024 * 1024 };

export const killS3: Fault = {
  number: 11,
  name: 'kill -9 of the S3 server in mid-upload',
  trials: 10,
  quick: 0,
  try: async ({ random }) => {
    const binary = await installServer(versitygw, (line) => process.stderr.write(`${line}\n`));
    let server = await startVersitygw(binary);
    const { endpoint, folder, port, env } = server;
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = env;
    Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
    await makeBucket(server, 'faults');
    const proxy = await startS3Proxy(endpoint);
    const at = (where: string) => `s3://faults/runs?endpoint=${where}`;
    const lab = await openLab({ stores: { workers: at(proxy.endpoint), ours: at(endpoint) } });
    let left = random.whole(1, 8);
    let revived: Promise<void> | undefined;
    const revive = async () => {
      await setTimeout(random.whole(0, 20));
      await server.kill();
      await setTimeout(random.whole(0, 3_000));
      server = await startVersitygw(binary, { folder, port });
    };
    let failed = true;
    try {
      proxy.decide(({ query }) => {
        if (query.has('partNumber') && --left === 0) revived = revive();
        return undefined;
      });
      const run = await lab.start(counting, input);
      const output = await resultOf(run);
      if (revived === undefined) throw new MissedMoment('there were fewer parts than the one to be killed at');
      await revived;
      await tells(lab, run, /completed$/);
      // Afterwards: a run before it would have left its very checkpoints in the store, and nothing would be uploaded.
      assert.deepEqual(output, await lab.unbroken(counting, input));
      failed = false;
    } finally {
      await revived?.catch(() => undefined);
      proxy.decide(undefined);
      await lab.close({ keep: false, failed });
      await proxy.close();
      await server.stop();
    }
  },
};
