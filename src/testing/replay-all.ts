/** Recorded histories against today's code: whoever breaks determinism learns it before a run does. @module */
import { DefaultLogger } from '@temporalio/worker';
import { buildBundle } from '../worker/bundle.js';
import type { Divergence } from './divergence.js';
import { type BrokenHistory, readHistories, type RecordedHistory } from './read-histories.js';
import { replayHistories } from './replay-histories.js';

/** How one history did. */
export interface Replay {
  /** File name, without the folder. */
  readonly file: string;
  /** Why the code does not do what the history records; undefined when it does. */
  readonly problem: string | undefined;
  /** Where it first does not: the event, and the line of the code; undefined where neither could be told. */
  readonly divergence?: Divergence;
}

/**
 * Replays every `*.json` of a folder (as `trainyard`'s export, Temporal's UI and CLI write them); needs no server. A file that is no history is a
 * problem of that file (TY2602).
 * @param options.workflowsPath the built module that exports the pipelines
 * @throws TrainyardError TY1106 when the workflows do not bundle, TY2601 for a folder without histories.
 */
export async function replayAll(options: {
  readonly workflowsPath: string;
  readonly folder: string;
}): Promise<Replay[]> {
  const histories: RecordedHistory[] = [];
  const replays: Replay[] = [];
  for await (const read of readHistories(options.folder))
    if (isBroken(read)) replays.push({ file: read.file, problem: read.broken.message });
    else histories.push(read);
  const { workflowsPath } = options;
  const bundle = await buildBundle({ workflowsPath, logger: new DefaultLogger('ERROR'), traced: true });
  for await (const { item, problem, divergence } of replayHistories(histories, { bundle }))
    replays.push({ file: item.file, problem, divergence });
  return replays.sort((one, other) => (one.file < other.file ? -1 : 1));
}

function isBroken(read: RecordedHistory | BrokenHistory): read is BrokenHistory {
  return 'broken' in read;
}
