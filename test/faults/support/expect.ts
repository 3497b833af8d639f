/** What must hold after a fault: the run completes, with the unbroken result, its story is told, and nothing is left. @module */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { sweepScratch } from '../../../src/activity/scratch.js';
import { openStore } from '../../../src/artifacts/open-store.js';
import { attemptStory } from '../../../src/client/attempt-story.js';
import { failureOf, type Run } from '../../../src/client/run.js';
import { isUnreachable } from '../../../src/client/unreachable.js';
import { readAttemptLog } from '../../../src/records/attempt-log.js';
import type { Lab } from './lab.js';
import { commandOf, descendantsOf, processesMarked } from './process-table.js';
import { within } from './within.js';

const patienceMs = 120_000;

/** The run completes, and its result is this one. */
export async function completesAs<Output>(lab: Lab, run: Run<Output>, expected: Output): Promise<void> {
  const output = await resultOf(run).catch(async (error: unknown) => {
    throw new Error(`${run.workflowId} did not complete: ${failureOf(error)}\n${await storyOf(lab, run)}`, {
      cause: error,
    });
  });
  assert.deepEqual(output, expected, `${run.workflowId}: the result differs from the unbroken run's`);
}

/** The result, waited for through the absence of the engine. @param patience milliseconds */
export async function resultOf<Output>(run: Run<Output>, patience = patienceMs): Promise<Output> {
  const deadlineMs = performance.now() + patience;
  const late = new AbortController();
  const timeout = setTimeout(patience, undefined, { signal: late.signal }).then(() => {
    throw new Error(`no result within ${patience / 1_000} s`);
  });
  try {
    return await Promise.race([timeout, untilReached(() => run.result(), deadlineMs)]);
  } finally {
    late.abort();
    timeout.catch(() => undefined);
  }
}

async function untilReached<Answer>(ask: () => Promise<Answer>, deadlineMs: number): Promise<Answer> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnreachable(error) || performance.now() > deadlineMs) throw error;
      await setTimeout(100);
    }
  }
}

/** What `trainyard show` says of the attempts of the run's only stage, a line for each. */
export async function storyOf(lab: Lab, run: Run): Promise<string> {
  const { stages } = await untilReached(() => run.status(), performance.now() + patienceMs);
  const [stage] = stages;
  if (stage?.stageKey === undefined) return '';
  return attemptStory(await readAttemptLog(lab.store, stage.stageKey, stage.log)).join('\n');
}

/** `show` says so. */
export async function tells(lab: Lab, run: Run, ...patterns: readonly RegExp[]): Promise<void> {
  const story = await storyOf(lab, run);
  for (const pattern of patterns) assert.match(story, pattern);
}

/** No trainer, no stray process, no scratch folder, no half-written object, no temporary file is left. */
export async function assertSettled(lab: Lab): Promise<void> {
  let left: readonly string[] = [];
  await within(15, 'nothing is left', async () => {
    left = await leftovers(lab);
    return left.length === 0 ? true : undefined;
  }).catch(() => {
    throw new Error(`left behind: ${left.join('; ')}`);
  });
}

async function leftovers(lab: Lab): Promise<string[]> {
  const workers = lab.livingWorkers.map(({ pid }) => pid);
  const expected = new Set([...workers, ...(await lab.enginePids()), process.pid]);
  const marked = processesMarked(`TRAINYARD_PROJECT=${lab.folder}\0`).filter((pid) => !expected.has(pid));
  const started = workers.flatMap((pid) => descendantsOf(pid));
  const processes = [...new Set([...marked, ...started])].map(commandOf);
  // What killed writers leave is removed by the next process that opens the store, and the next worker: this is one.
  await openStore('file:.trainyard/artifacts', { baseFolder: lab.folder });
  await sweepScratch(lab.scratch);
  const folders = [lab.scratch, lab.temporary, join(lab.folder, '.trainyard', 'artifacts', '.incoming')];
  const files = await Promise.all(folders.map((folder) => namesIn(folder)));
  return [...processes, ...files.flat()];
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name));
}
