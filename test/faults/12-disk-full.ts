/** Fault 12: the disk of the store or of the scratch folders is full for a while. @module */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { counting } from './project/contracts.js';
import { assertSettled, completesAs, tells } from './support/expect.js';
import type { Fault } from './support/fault.js';
import { openLab } from './support/lab.js';
import { checkpointOf, MissedMoment, trainerOf } from './support/trainers.js';
import { within } from './support/within.js';

const run = promisify(execFile);
const diskMiB = 24;
const input = { steps: 8, fillBytes: 1024 * 1024 };
const places = ['artifacts', 'scratch'] as const;

export const diskFull: Fault = {
  number: 12,
  name: 'disk of the store, or of scratch, full for a while',
  trials: 6,
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
    let disk = '';
    const prepare = async (folder: string) => {
      disk = join(folder, '.trainyard', place);
      await mkdir(disk, { recursive: true });
      await run('mount', ['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'tmpfs', disk]);
    };
    const lab = await openLab({ prepare });
    let failed = true;
    try {
      const expected = await lab.unbroken(counting, input);
      const broken = await lab.start(counting, { ...input, stepMs: 400 });
      await checkpointOf(lab, await trainerOf(lab, broken), random.whole(1, 4));
      const hog = join(disk, 'hog');
      // Filled to the last byte: the next write is a short one.
      await writeFile(hog, Buffer.alloc(2 * diskMiB * 1024 * 1024)).catch(() => undefined);
      await within(60, 'an attempt that failed', async () => {
        const { state, stages } = await broken.status();
        if (state !== 'running') throw new MissedMoment('the run was over before its disk was full');
        return stages[0]?.failure;
      });
      await rm(hog);
      await completesAs(lab, broken, expected);
      // Where the store is full, nothing can be written of the failure either.
      await tells(lab, broken, place === 'scratch' ? /^attempt 1 .* failed as DataUnavailable: /m : /completed$/);
      await assertSettled(lab);
      failed = false;
    } finally {
      await lab.close({ keep: true, failed });
      await run('umount', [disk]);
      await rm(lab.folder, { recursive: true });
    }
  },
};
