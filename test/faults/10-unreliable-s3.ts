/** Fault 10: S3 behind a proxy that answers errors, stalls, cuts connections, loses answers, shortens and alters bodies. @module */
import { installServer, versitygw } from '../../tools/s3/install.js';
import { makeBucket, startVersitygw } from '../../tools/s3/start.js';
import { type Decide, startS3Proxy } from '../support/s3-proxy.js';
import { counting } from './project/contracts.js';
import { completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { openLab } from './support/lab.js';
import type { Random } from './support/random.js';

const input = { steps: 8, fillBytes: 256 * 1024 };
/** So many of the requests go wrong, and one in twenty of those stalls for half a minute. */
const share = 0.1;

export const unreliableS3: Fault = {
  number: 10,
  name: 'S3 with errors, stalls, resets, lost answers, bad bodies',
  trials: 10,
  quick: 0,
  try: async ({ random }) => {
    const server = await startVersitygw(await installServer(versitygw, (line) => process.stderr.write(`${line}\n`)));
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = server.env;
    Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
    await makeBucket(server, 'faults');
    const proxy = await startS3Proxy(server.endpoint);
    const at = (endpoint: string) => `s3://faults/runs?endpoint=${endpoint}`;
    const lab = await openLab({ stores: { workers: at(proxy.endpoint), ours: at(server.endpoint) } });
    let failed = true;
    try {
      const expected = await lab.unbroken(counting, input);
      const before = proxy.seen.length;
      proxy.decide(wrong(random));
      const run = await lab.start(counting, { ...input, stepMs: 100 });
      await completesAs(lab, run, expected);
      await tells(lab, run, /completed$/);
      if (proxy.seen.length === before) throw new Error('no request went through the proxy');
      failed = false;
    } finally {
      proxy.decide(undefined);
      await lab.close({ keep: false, failed });
      await proxy.close();
      await server.stop();
    }
  },
};

function wrong(random: Random): Decide {
  return () => {
    if (random.next() >= share) return undefined;
    const at = random.whole(0, 2_000);
    return random.next() < 0.05
      ? { kind: 'stall', ms: 30_000 }
      : random.pick([
          { kind: 'status', status: 500 },
          { kind: 'status', status: 503 },
          { kind: 'reset' },
          { kind: 'lost answer' },
          { kind: 'lost answer', status: 500 },
          { kind: 'short body', bytes: at },
          { kind: 'altered body', at },
          { kind: 'altered upload', at },
        ] as const);
  };
}
