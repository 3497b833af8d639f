/** A run that is held in the middle of its training, so that its checkpoints can be damaged before the next attempt reads them. @module */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '../../../src/client/run.js';
import { objectKey } from '../../../src/contracts/names.js';
import { CheckpointManifest } from '../../../src/records/checkpoint-chain.js';
import { callFolder, sequenceKey } from '../../../src/records/layout.js';
import { readRecord } from '../../../src/records/sealed-records.js';
import { until } from '../../support/until.js';
import { counting } from '../project/contracts.js';
import { completesAs } from './expect.js';
import type { Lab } from './lab.js';
import { send } from './process-table.js';
import { checkpointOf, trainerOf } from './trainers.js';

/** Files of the newest checkpoint and of those before it, newest first. */
export interface HeldCheckpoint {
  readonly manifest: string;
  /** Of 1 MiB. */
  readonly weights: string;
}

const heldAfter = 4;
const { last: kept } = counting.stages.count.keep;

/**
 * Runs to the fourth checkpoint, lets `damage` loose on those that the store has, kills the trainer, and sees the run complete. Runs
 * at the same time need different seeds: the store keeps equal bytes once, and who stores them again repairs them.
 */
export async function damagedRun(
  lab: Lab,
  seed: number,
  damage: (checkpoints: readonly HeldCheckpoint[]) => Promise<void>,
): Promise<Run> {
  const input = { seed, steps: 6, fillBytes: 1024 * 1024 };
  const expected = await lab.unbroken(counting, input);
  const gate = lab.place.gate();
  const run = await lab.start(counting, { ...input, holdAt: heldAfter + 1, gate });
  const trainer = await trainerOf(lab, run);
  await checkpointOf(lab, trainer, heldAfter);
  const artifacts = join(lab.folder, '.trainyard', 'artifacts');
  const folder = callFolder('checkpoints', trainer.stageKey);
  let seqs: number[] = [];
  await until(async () => {
    const names = await readdir(join(artifacts, folder, trainer.token));
    seqs = names.flatMap((name) => (/^\d{9}\.json$/.test(name) ? [Number.parseInt(name, 10)] : []));
    return seqs.length <= kept; // the time of the others is over, and they go in the background
  });
  const checkpoints: HeldCheckpoint[] = [];
  for (const seq of seqs.sort((a, b) => b - a)) {
    const key = sequenceKey(folder, trainer.token, seq);
    const sha256 = (await readRecord(lab.store, key, CheckpointManifest))?.body.files['weights.bin']?.sha256;
    assert(sha256 !== undefined, key);
    checkpoints.push({ manifest: join(artifacts, key), weights: join(artifacts, objectKey(sha256)) });
  }
  await damage(checkpoints);
  send(trainer.pid, 'SIGKILL');
  lab.place.open(gate);
  await completesAs(lab, run, expected);
  return run;
}
