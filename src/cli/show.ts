/** `trainyard show`: the project's runs, or one run as a tree of stages and attempts. @module */
import { Command } from 'commander';
import { attemptStory } from '../client/attempt-story.js';
import type { ArtifactStore } from '../artifacts/store.js';
import type { RunStatus, StageStatus } from '../client/run-status.js';
import { TrainyardError } from '../contracts/errors.js';
import { readAttemptLog } from '../records/attempt-log.js';
import { duration } from './figures.js';
import { howMany } from './numbers.js';
import { type ProjectFlags, type Session, withProjectFlags, withSession } from './session.js';
import { placeSentence, standing } from './standing.js';

interface ShowFlags extends ProjectFlags {
  readonly json?: boolean;
  readonly limit: number;
}

/** Without a run: the list, newest first. */
export function showCommand(): Command {
  return withProjectFlags(new Command('show'))
    .description('list runs, or show one with its stages and what happened to each attempt')
    .argument('[run]', 'workflow id, or the beginning of one')
    .option('--limit <n>', 'runs to list', howMany, 20)
    .option('--json', 'JSON on stdout')
    .addHelpText('after', '\nExample:\n  trainyard show churnTraining-20261121')
    .action(async (prefix: string | undefined, flags: ShowFlags) => {
      await withSession(flags, async (session) => {
        if (prefix === undefined) await list(session, flags);
        else await showRun(session, prefix, flags);
      });
    });
}

async function list({ pipelines }: Session, { json, limit }: ShowFlags): Promise<void> {
  let none = true;
  for await (const run of pipelines.list({ limit })) {
    none = false;
    const time = duration((run.closedAt?.getTime() ?? Date.now()) - run.startedAt.getTime());
    write(
      json
        ? JSON.stringify(run)
        : `${run.status.padEnd(11)} ${run.startedAt.toISOString().slice(0, 19)}  ${time.padStart(8)}  ${run.workflowId}`,
    );
  }
  if (none && !json) write('no runs yet: trainyard run');
}

async function showRun({ pipelines, store, engine }: Session, prefix: string, { json }: ShowFlags): Promise<void> {
  const run = await pipelines.find(prefix);
  const status = await run.status();
  const stories = await Promise.all(status.stages.map((stage) => storyOf(stage, store)));
  if (json) {
    write(
      JSON.stringify({ ...status, stages: status.stages.map((stage, index) => ({ ...stage, story: stories[index] })) }),
    );
    return;
  }
  for (const line of tree(status, stories)) write(line);
  if (engine.uiAddress !== undefined)
    write(
      `\nTemporal: ${engine.uiAddress}/namespaces/${engine.namespace}/workflows/${encodeURIComponent(status.workflowId)}/${status.runId}`,
    );
}

async function storyOf({ stageKey, log }: StageStatus, store: ArtifactStore): Promise<string[]> {
  if (stageKey === undefined) return [];
  try {
    return attemptStory(await readAttemptLog(store, stageKey, log));
  } catch (error) {
    if (error instanceof TrainyardError) return [`its attempt log cannot be shown: ${error.message}`];
    throw error;
  }
}

function tree(status: RunStatus, stories: readonly (readonly string[])[]): string[] {
  const end =
    status.closedAt === undefined ? '' : ` after ${duration(status.closedAt.getTime() - status.startedAt.getTime())}`;
  const lines = [`${status.pipeline} ${status.workflowId}: ${status.state}${end}${standing(status)}`];
  if (status.place !== undefined) lines.push(placeSentence(status.place));
  status.stages.forEach((stage, index) => {
    const last = index === status.stages.length - 1;
    lines.push(`${last ? '└─' : '├─'} ${stageLine(stage)}`);
    for (const sentence of stories[index] ?? []) lines.push(`${last ? '  ' : '│ '}    ${sentence}`);
  });
  for (const open of status.approvals)
    lines.push(`waits for the approval "${open.name}" until ${open.expiresAt}: ${JSON.stringify(open.evidence)}`);
  if (status.budget?.exhausted)
    lines.push(`the budget is spent, its stages wait: trainyard budget raise ${status.workflowId}`);
  if (status.problem !== undefined) lines.push(`pipeline code fails: ${status.problem}`);
  return lines;
}

function stageLine({ stage, pool, state, attempts, startedAt, closedAt, failure }: StageStatus): string {
  const time = startedAt && closedAt ? `, ${duration(closedAt.getTime() - startedAt.getTime())}` : '';
  const count = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  return `${stage} on ${pool}: ${state}, ${count}${time}${state === 'failed' && failure !== undefined ? `: ${failure}` : ''}`;
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
