/** The trainers of runs, found by what their workers told them, and moments in their lives. @module */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { callFolder, parseRecordKey } from '../../../src/records/layout.js';
import { Start } from '../../../src/trainer/protocol.js';
import type { Run } from '../../../src/client/run.js';
import type { Lab } from './lab.js';
import { trainerStartedWith } from './process-table.js';
import type { Random } from './random.js';
import { within } from './within.js';

/** The run was over before its moment came: on a busy machine that says nothing about the run, and the trial is made anew. */
export class MissedMoment extends Error {
  override readonly name = 'MissedMoment';
}

/** The process of one attempt. */
export interface FoundTrainer {
  readonly run: Run;
  readonly pid: number;
  readonly attempt: number;
  readonly stageKey: string;
  readonly token: string;
}

/** Waits for a run's trainer, one of a later attempt than `after`: a stopped worker may swallow attempts that nobody hears of. */
export function trainerOf(lab: Lab, run: Run, after = 0): Promise<FoundTrainer> {
  const { workflowId } = run;
  const stillRuns = watchOf(run);
  return within(60, `a trainer of ${workflowId} after attempt ${after}`, async () => {
    for (const name of await readdir(lab.scratch).catch(() => [])) {
      const startFile = join(lab.scratch, name, 'start.json');
      const start = await readStart(startFile);
      if (start?.run.workflowId !== workflowId || start.attempt <= after) continue;
      const pid = trainerStartedWith(startFile);
      if (pid !== undefined)
        return { run, pid, attempt: start.attempt, stageKey: start.run.call, token: start.run.token };
    }
    return stillRuns();
  });
}

/** Looks at the run now and then, and throws {@link MissedMoment} once it is over. */
function watchOf(run: Run): () => Promise<undefined> {
  let askedMs = performance.now();
  return async () => {
    if (performance.now() - askedMs < 1_000) return;
    const { status } = await run.workflow.describe();
    if (status.name !== 'RUNNING') throw new MissedMoment(`${run.workflowId} is ${status.name} already`);
    askedMs = performance.now();
  };
}

async function readStart(file: string): Promise<Start | undefined> {
  try {
    return Start.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined; // not written yet, or gone
  }
}

/** Number of the newest checkpoint that the trainer has published; 0: none. */
export async function newestCheckpoint(lab: Lab, { stageKey, token }: FoundTrainer): Promise<number> {
  let newest = 0;
  for await (const key of lab.store.list(`${callFolder('checkpoints', stageKey)}${token}/`))
    newest = Math.max(newest, parseRecordKey(key)?.seq ?? 0);
  return newest;
}

/** Waits until the trainer has published its `seq`-th checkpoint. */
export async function checkpointOf(lab: Lab, trainer: FoundTrainer, seq: number): Promise<void> {
  const stillRuns = watchOf(trainer.run);
  await within(60, `checkpoint ${seq} of ${trainer.stageKey}`, async () =>
    (await newestCheckpoint(lab, trainer)) >= seq ? true : stillRuns(),
  );
}

/**
 * Waits for a random moment in the life of a trainer with so many checkpoints, `apartMs` apart: before the first one, which
 * includes the import of its module, or after any but the last.
 */
export async function randomMoment(
  lab: Lab,
  trainer: FoundTrainer,
  life: { readonly checkpoints: number; readonly apartMs: number },
  random: Random,
): Promise<void> {
  const seq = random.whole(0, life.checkpoints - 1);
  const share = random.next();
  if (seq > 0) await checkpointOf(lab, trainer, seq);
  await setTimeout(share * (seq > 0 ? life.apartMs : importMs));
}

/** About how long a trainer takes to its first step. */
const importMs = 400;
