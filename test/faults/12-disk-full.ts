/** Fault 12: the disk of the store or of the scratch folders is full for a while, that of an S3 store's cache for good. @module */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installServer, versitygw } from '../../tools/s3/install.js';
import { makeBucket, startVersitygw } from '../../tools/s3/start.js';
import { counting } from './project/contracts.js';
import { assertSettled, completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { type Lab, type LabSettings, openLab } from './support/lab.js';
import { send } from './support/process-table.js';
import type { Random } from './support/random.js';
import { fromCheckpoint } from './support/sentences.js';
import { checkpointOf, MissedMoment, trainerOf } from './support/trainers.js';
import { within } from './support/within.js';

const run = promisify(execFile);
const diskMiB = 24;
const input = { steps: 8, fillBytes: 1024 * 1024 };
const places = ['artifacts', 'scratch', join('cache', 'artifacts')] as const;
type Place = (typeof places)[number];

export const diskFull: Fault = {
  number: 12,
  name: 'disk of the store, of scratch, or of the cache, full',
  trials: 9,
  quick: 0,
  atOnce: 2,
  missing: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ty-disk-'));
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
      await run('umount', [folder]);
      return undefined;
    } catch {
      return 'this user may not mount a small disk';
    } finally {
      await rmdir(folder);
    }
  },
  try: async ({ index, random }) => {
    const place = places[index % places.length] ?? 'artifacts';
    if (place === 'artifacts' || place === 'scratch')
      await onSmallDisk(place, {}, (lab, fill) => fullForAWhile(lab, fill, place, random));
    else await withBucket((uri) => onSmallDisk(place, { stores: { workers: uri, ours: uri } }, fullCache(random)));
  },
};

type Trial = (lab: Lab, fill: () => Promise<string>) => Promise<void>;

async function onSmallDisk(place: Place, settings: LabSettings, trial: Trial): Promise<void> {
  let disk = '';
  const prepare = async (folder: string) => {
    disk = join(folder, '.trainyard', place);
    await mkdir(disk, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'tmpfs', disk]);
  };
  const lab = await openLab({ ...settings, prepare });
  let failed = true;
  try {
    await trial(lab, async () => {
      const hog = join(disk, 'hog');
      // Filled to the last byte: the next write is a short one.
      await writeFile(hog, Buffer.alloc(2 * diskMiB * 1024 * 1024)).catch(() => undefined);
      return hog;
    });
    await assertSettled(lab);
    failed = false;
  } finally {
    await lab.close({ keep: true, failed });
    await run('umount', [disk]);
    await rm(lab.folder, { recursive: true });
  }
}

async function fullForAWhile(lab: Lab, fill: () => Promise<string>, place: Place, random: Random): Promise<void> {
  const expected = await lab.unbroken(counting, input);
  const broken = await lab.start(counting, { ...input, stepMs: 400 });
  await checkpointOf(lab, await trainerOf(lab, broken), random.whole(1, 4));
  const hog = await fill();
  await within(60, 'an attempt that failed', async () => {
    const { state, stages } = await broken.status();
    if (state !== 'running') throw new MissedMoment('the run was over before its disk was full');
    return stages[0]?.failure;
  });
  await rm(hog);
  await completesAs(lab, broken, expected);
  // Where the store is full, nothing can be written of the failure either.
  await tells(lab, broken, place === 'scratch' ? /^attempt 1 .* failed as DataUnavailable: /m : /completed$/);
}

/** A cache that takes no byte fails no read: the attempt goes on from a checkpoint whose files it cannot hold. */
function fullCache(random: Random): Trial {
  return async (lab, fill) => {
    await fill();
    const broken = await lab.start(counting, { ...input, stepMs: 400 });
    const trainer = await trainerOf(lab, broken);
    const seq = random.whole(1, 4);
    await checkpointOf(lab, trainer, seq);
    send(trainer.pid, 'SIGKILL');
    await completesAs(lab, broken, await lab.unbroken(counting, input));
    await tells(lab, broken, new RegExp(`^attempt 2 ${fromCheckpoint(`[${seq}-8]`)}, .*and completed$`, 'm'));
  };
}

async function withBucket(trial: (uri: string) => Promise<void>): Promise<void> {
  const server = await startVersitygw(await installServer(versitygw, (line) => process.stderr.write(`${line}\n`)));
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = server.env;
  Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
  try {
    await makeBucket(server, 'faults');
    await trial(`s3://faults/runs?endpoint=${server.endpoint}`);
  } finally {
    await server.stop();
  }
}
