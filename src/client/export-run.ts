/** A run as a folder of files: its history and what the store remembers of it. @module */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { readAttemptLog } from '../records/attempt-log.js';
import { readMetrics } from '../records/metrics-segments.js';
import type { RunStatus } from './run-status.js';
import type { History } from './temporal-types.js';

/** What goes into the folder. */
export interface RunParts {
  readonly status: RunStatus;
  readonly history: History;
  readonly store: ArtifactStore;
}

/**
 * Writes `history.json` (as Temporal's own tools read it), `run.json`, and for each stage call `<stage>-<call>.attempts.json`
 * and `<stage>-<call>.metrics.jsonl`. The folder appears whole or not at all; throws TY1910 when it exists.
 */
export async function exportRun(folder: string, { status, history, store }: RunParts): Promise<void> {
  const temporary = join(dirname(folder), `.${process.pid}-${Date.now()}.tmp`);
  await mkdir(temporary, { recursive: true });
  try {
    await writeFile(join(temporary, 'history.json'), historyToJSON(history));
    await writeFile(join(temporary, 'run.json'), `${JSON.stringify(status, null, 2)}\n`);
    for (const { stage, call, stageKey, log } of status.stages) {
      if (stageKey === undefined) continue;
      const name = join(temporary, `${stage}-${call}`);
      const attempts = await readAttemptLog(store, stageKey, log);
      await writeFile(`${name}.attempts.json`, `${JSON.stringify(attempts, null, 2)}\n`);
      await writeFile(`${name}.metrics.jsonl`, lines(readMetrics(store, stageKey)));
    }
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'ENOTEMPTY' || error.code === 'EEXIST' || error.code === 'ENOTDIR')
    )
      throw new TrainyardError('TY1910', `${folder} exists and is not empty`, { cause: error });
    throw error;
  }
}

async function* lines(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`;
}
