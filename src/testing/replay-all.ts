/** Recorded histories against today's code: whoever breaks determinism learns it before a run does. @module */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { messageOf } from '../contracts/errors.js';
import { interceptorModule, withOwnWorkflows } from '../worker/bundle.js';

/** How one history did. */
export interface Replay {
  /** File name, without the folder. */
  readonly file: string;
  /** Why the code does not do what the history records; undefined when it does. */
  readonly problem: string | undefined;
}

/**
 * Replays every `*.json` of a folder (as `trainyard`'s export, Temporal's UI and CLI write them); needs no server.
 * @param options.workflowsPath the built module that exports the pipelines
 */
export async function replayAll(options: {
  readonly workflowsPath: string;
  readonly folder: string;
}): Promise<Replay[]> {
  const files = (await readdir(options.folder)).filter((name) => name.endsWith('.json')).sort();
  const histories = files.map(async (file) => {
    const history = historyFromJSON(JSON.parse(await readFile(join(options.folder, file), 'utf8')));
    // Stage keys and decisions are bound to the id: under another one the code would rightly decide otherwise.
    const { workflowId } = history.events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
    return { workflowId: workflowId ?? file, history };
  });
  const { workflowsPath, webpackConfigHook } = withOwnWorkflows(options.workflowsPath);
  const interceptors = { workflowModules: [interceptorModule] };
  const worker = { workflowsPath, interceptors, bundlerOptions: { webpackConfigHook } };
  const replays: Replay[] = [];
  for await (const { error } of Worker.runReplayHistories(worker, await Promise.all(histories)))
    replays.push({ file: files[replays.length] ?? '', problem: error && messageOf(error) });
  return replays;
}
