/** The two places that `trainyard check` takes histories from: the project's runs, and a folder. @module */
import { DefaultLogger, Runtime, type WorkflowBundle } from '@temporalio/worker';
import { begunHistory, type LiveRun, liveRuns, pinnedBuild } from '../client/live-runs.js';
import type { History } from '../client/temporal-types.js';
import type { LoadedProject } from '../config/load-project.js';
import { historyFiles, readHistories, type RecordedHistory } from '../testing/read-histories.js';
import { replayHistories } from '../testing/replay-histories.js';
import type { CheckReport } from './check-report.js';
import { withSession } from './session.js';
import { progressLine } from './store-session.js';

interface Replaying {
  /** Of the working tree, `traced`. */
  readonly traced: WorkflowBundle;
  readonly report: CheckReport;
}

/** Every open run and a sample of closed ones, with the client's codecs. Throws TY1808 and TY1901 where the server does not answer. */
export async function replayLive({
  project,
  traced,
  report,
  pipelines,
  closed,
}: Replaying & {
  readonly project: LoadedProject;
  readonly pipelines: readonly string[];
  readonly closed: number;
}): Promise<void> {
  await withSession({ project: project.folder, env: project.environment }, async ({ client }) => {
    const runs = await liveRuns(client, { project: project.project.name, closed, types: pipelines });
    const counted = counter(runs.length);
    const histories = (async function* (): AsyncGenerator<LiveRun & { readonly history: History }, void, undefined> {
      for (const run of runs) {
        counted();
        const history = await begunHistory(client, run);
        if (history) yield { ...run, history };
        else report.skip();
      }
    })();
    installQuietRuntime();
    const { payloadCodecs } = client.options.loadedDataConverter;
    for await (const { item, ...found } of replayHistories(histories, { bundle: traced, payloadCodecs })) {
      const { workflowId, runId, type, open, history } = item;
      report.add({ run: { workflowId, runId, pipeline: type, open, pinnedTo: pinnedBuild(history) }, ...found });
    }
    progressLine();
  });
}

/** Every `*.json` of the folder; one that is no history counts as broken. Throws TY2601 for a folder without any. */
export async function replayFolder({ folder, traced, report }: Replaying & { readonly folder: string }): Promise<void> {
  const counted = counter((await historyFiles(folder)).length);
  const histories = (async function* (): AsyncGenerator<RecordedHistory, void, undefined> {
    for await (const read of readHistories(folder)) {
      counted();
      if ('broken' in read) report.add({ file: read.file, problem: read.broken.message, divergence: undefined });
      else yield read;
    }
  })();
  installQuietRuntime();
  for await (const { item, ...found } of replayHistories(histories, { bundle: traced }))
    report.add({ file: item.file, ...found });
  progressLine();
}

/** Temporal's part of this process logs each replay that fails; the report says it better. It ends with the worker that replays, and keeps the process until then. */
function installQuietRuntime(): void {
  const logger = new DefaultLogger('ERROR', () => undefined);
  Runtime.install({ logger, telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } } });
}

function counter(total: number): () => void {
  let done = 0;
  return () => {
    progressLine(`replaying ${++done} of ${total}`);
  };
}
