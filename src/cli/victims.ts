/** The processes that work on a run, found on this machine: what `trainyard chaos` may kill. @module */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { RunStatus, StageStatus } from '../client/run-status.js';
import { TrainyardError } from '../contracts/errors.js';
import { engineStatus } from '../engine/start.js';

/** What can be killed. */
export const victimKinds = ['worker', 'trainer', 'engine'] as const;
export type VictimKind = (typeof victimKinds)[number];

/** Processes that end together. */
export interface Victim {
  readonly pids: readonly number[];
  /** `worker 4711 of pool gpu`. */
  readonly name: string;
}

/**
 * Finds it for a run as it is now; undefined while there is none, because no attempt runs or its trainer has just ended.
 * @throws TrainyardError TY1930 for a worker on another machine, and for an engine that is not this project's own.
 */
export async function findVictim(kind: VictimKind, run: RunStatus, projectFolder: string): Promise<Victim | undefined> {
  if (kind === 'engine') return findEngine(projectFolder);
  const stage = run.stages.find(({ state }) => state === 'running');
  if (stage === undefined) return undefined;
  const worker = await workerOf(stage);
  if (worker === undefined || kind === 'worker') return worker;
  const trainers = (await processes()).filter(({ parent }) => worker.pids.includes(parent));
  for (const { pid, text } of trainers)
    if (await trains(text, run.workflowId)) return { pids: [pid], name: `trainer ${pid} of stage ${stage.stage}` };
  return undefined;
}

async function findEngine(projectFolder: string): Promise<Victim> {
  const status = await engineStatus({ projectFolder });
  if (status.state === 'running') return { pids: status.server.pids, name: `engine at ${status.server.address}` };
  throw new TrainyardError('TY1930', `no engine of this project runs here: the run is on another Temporal server`);
}

/** By its identity, `<pool>-<pid>`, and a look at what that process is: pids of other machines mean nothing here. */
async function workerOf({ worker: identity = '', pool, stage }: StageStatus): Promise<Victim | undefined> {
  const pid = Number(/-(\d+)$/.exec(identity)?.[1] ?? NaN);
  const found = (await processes()).find((process) => process.pid === pid);
  const isWorker = found?.text.includes(` worker `) && found.text.includes(`--pool ${pool} `);
  if (isWorker) return { pids: [pid], name: `worker ${pid} of pool ${pool}` };
  throw new TrainyardError('TY1930', `stage ${stage} is at worker "${identity}", which is no process of this machine`);
}

const StartFile = z.object({ run: z.object({ workflowId: z.string() }) });

/** Whether the process was started to train for the run: its environment names its start file. */
async function trains(text: string, workflowId: string): Promise<boolean> {
  const [, path] = /TRAINYARD_START=(.*?\/start\.json)(?: |$)/.exec(text) ?? [];
  if (path === undefined) return false;
  try {
    return StartFile.parse(JSON.parse(await readFile(path, 'utf8'))).run.workflowId === workflowId;
  } catch {
    return false; // it has just ended
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Its command line, then its environment. */
  readonly text: string;
}

async function processes(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['axeww', '-o', 'pid=,ppid=,stat=,command='], {
    maxBuffer: 64 * 1_048_576,
  });
  return stdout.split('\n').flatMap((row) => {
    const [, pid, parent, state = 'Z', text = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(row) ?? [];
    return state.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent), text }];
  });
}
