/** Kills a pool's worker with -9, again and again, each time after it has made new progress. @module */
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Run } from 'trainyard/client';
import { randomUniform } from 'trainyard/training';
import type { LocalStack, StackProcess } from '../../src/cli/local-stack.js';

/** A worker that was killed. */
export interface Kill {
  /** The newest step that its trainer had told of. */
  readonly step: number;
  /** Of the worker and of the trainer that it had started: all of them are gone. */
  readonly pids: readonly number[];
}

/** What is killed, how often, and when. */
export interface KillOptions {
  readonly run: Run;
  readonly stack: LocalStack;
  readonly pool: string;
  readonly stage: string;
  readonly kills: number;
  /** The same seed, the same moments, as shares of the training's steps. */
  readonly seed: number;
  readonly onKill: (kill: Kill) => void;
}

/** Keeps the moments apart from other random numbers of the same seed. */
const momentsOfKills = 101;
/** The last kill falls before this share of the steps, so that there is something left to resume. */
const lastMoment = 0.8;
const pollMs = 100;
const patienceMs = 10_000;

/**
 * One kill in each n-th of the training, at a random moment of it, and a new worker after each. Ends early when the run does.
 * @throws Error a killed process was still there after 10 s
 */
export async function killWorkers({ run, stack, pool, stage, kills, seed, onKill }: KillOptions): Promise<void> {
  const moments = randomUniform({ seed, purpose: momentsOfKills }, new Float32Array(kills));
  let last = 0;
  for (const [index, moment] of moments.entries()) {
    const worker = stack.processes.findLast(({ name }) => name === pool);
    if (!worker) throw new Error(`no worker of the pool ${pool} was started`);
    const share = (lastMoment * (index + moment)) / kills;
    const identity = `${pool}-${worker.child.pid ?? 0}`;
    const step = await newProgress(run, { stage, identity, after: last, share });
    if (step === undefined) return;
    const pids = await killWithTrainer(worker);
    // What it told in its last moment would look like the progress of its successor.
    last = Math.max(step, (await stageOf(run, stage))?.progress?.done ?? 0);
    onKill({ step: last, pids });
    await stack.startWorker(pool);
  }
}

interface Awaited {
  readonly stage: string;
  readonly identity: string;
  /** The step at the last kill. */
  readonly after: number;
  readonly share: number;
}

/** The step that this very worker has reached, once it is new and far enough; undefined when the run ends first. */
async function newProgress(run: Run, { stage, identity, after, share }: Awaited): Promise<number | undefined> {
  for (;;) {
    const { state } = await run.status();
    if (state !== 'running') return undefined;
    const now = await stageOf(run, stage);
    const { done = 0, total = Infinity } = now?.progress ?? {};
    if (now?.state === 'running' && now.worker === identity && done > after && done >= share * total) return done;
    await delay(pollMs);
  }
}

async function stageOf(run: Run, stage: string) {
  const { stages } = await run.status();
  return stages.find((one) => one.stage === stage);
}

async function killWithTrainer({ child }: StackProcess): Promise<number[]> {
  if (child.pid === undefined) throw new Error('the worker was never started');
  const pids = [child.pid, ...descendantsOf(child.pid, await processes())];
  child.kill('SIGKILL');
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const alive = (await processes()).filter(({ pid, state }) => pids.includes(pid) && !state.startsWith('Z'));
    if (alive.length === 0) return pids;
    if (Date.now() > deadline) throw new Error(`${alive.map(({ pid }) => pid).join(', ')} outlived kill -9`);
    await delay(pollMs);
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** As ps tells it: Z is dead, but not yet collected by its parent. */
  readonly state: string;
}

async function processes(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,stat=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = '', parent = '', state = ''] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state };
    });
}

function descendantsOf(root: number, all: readonly Process[]): number[] {
  const children = all.filter(({ parent }) => parent === root).map(({ pid }) => pid);
  return children.flatMap((pid) => [pid, ...descendantsOf(pid, all)]);
}
