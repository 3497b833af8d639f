/** Recorded histories of a folder. @module */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** One file. */
export interface RecordedHistory {
  /** File name, without the folder. */
  readonly file: string;
  readonly workflowId: string;
  readonly history: temporal.api.history.v1.IHistory;
}

/**
 * Every `*.json` of the folder in order, read when it is asked for; a file that holds no history gives the error TY2602 in its place.
 * @throws TrainyardError TY2601 for a folder that cannot be read or has none.
 */
export async function* readHistories(folder: string): AsyncGenerator<RecordedHistory | BrokenHistory, void, undefined> {
  for (const file of await historyFiles(folder)) yield await readOne(folder, file);
}

/** A file that is none. */
export interface BrokenHistory {
  readonly file: string;
  readonly broken: TrainyardError;
}

/** How many files there are; throws like {@link readHistories}. */
export async function historyFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new TrainyardError('TY2601', `no histories in ${folder}: ${messageOf(error)}`, { cause: error });
  });
  const files = names.filter((name) => name.endsWith('.json')).sort();
  if (files.length === 0) throw new TrainyardError('TY2601', `no histories in ${folder}: it has no *.json file`);
  return files;
}

async function readOne(folder: string, file: string): Promise<RecordedHistory | BrokenHistory> {
  try {
    const history = historyFromJSON(JSON.parse(await readFile(join(folder, file), 'utf8')));
    const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
    if (!started) throw new Error('its first event does not start a workflow');
    // Stage keys and decisions are bound to the id: under another one the code would rightly decide otherwise.
    return { file, workflowId: started.workflowId ?? file, history };
  } catch (error) {
    const what = `${join(folder, file)} is not a history: ${messageOf(error)}`;
    return { file, broken: new TrainyardError('TY2602', what, { cause: error }) };
  }
}
