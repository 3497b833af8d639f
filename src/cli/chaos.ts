/** `trainyard chaos`: kills what works on a run, again and again, and says what the run makes of it. @module */
import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'commander';
import type { ArtifactStore } from '../artifacts/store.js';
import { attemptStory } from '../client/attempt-story.js';
import type { StageStatus } from '../client/run-status.js';
import type { Run } from '../client/run.js';
import { isUnreachable } from '../client/unreachable.js';
import { TrainyardError } from '../contracts/errors.js';
import { randomUniform } from '../data/philox.js';
import { connectEngine } from '../engine/connect-engine.js';
import { engineStatus } from '../engine/start.js';
import { type AttemptRecord, readAttemptLog } from '../records/attempt-log.js';
import { howMany, span } from './numbers.js';
import { type ProjectFlags, type Session, withProjectFlags, withSession } from './session.js';
import { findVictim, type Victim, type VictimKind, victimKinds } from './victims.js';

interface ChaosFlags extends ProjectFlags {
  readonly kill: VictimKind;
  /** Milliseconds. */
  readonly every: number;
  readonly times: number;
  readonly seed?: number;
  readonly json?: boolean;
}

/** How often a process is looked for, and the run's next move. */
const pollMs = 200;
/** How long the next attempt is waited for: longer than the default silence after which a worker is missed. */
const patienceMs = 90_000;

/** Kills with -9; whoever keeps the local stack starts workers again, and this command the engine. */
export function chaosCommand(): Command {
  return withProjectFlags(new Command('chaos'))
    .description('kill -9 what works on a run on this machine, and say what the run makes of it')
    .argument('<run>', 'workflow id, or the beginning of one')
    .addOption(new Option('--kill <what>', 'what is killed').choices(victimKinds).makeOptionMandatory())
    .option('--every <span>', 'time from one kill to the next, give or take half of it', span, 20_000)
    .option('--times <n>', 'kills', howMany, 5)
    .option('--seed <n>', 'of the moments; the same seed, the same pauses', howMany)
    .option('--json', 'one JSON object a line on stdout; the last one has "type": "summary"')
    .addHelpText('after', '\nExample:\n  trainyard chaos churnTraining-20261121 --kill worker --every 20s --times 5')
    .action(async (prefix: string, flags: ChaosFlags) => {
      await withSession(flags, async (session) => {
        const run = await session.pipelines.find(prefix);
        await breakRun(run, session, flags);
      });
    });
}

async function breakRun(run: Run, session: Session, flags: ChaosFlags): Promise<void> {
  const { kill, every, times, seed = Math.floor(Math.random() * 2 ** 32) } = flags;
  const { state } = await run.status();
  if (state !== 'running')
    throw new TrainyardError('TY1930', `${run.workflowId} is ${state}: there is nothing to kill`);
  const tell = (fields: Readonly<Record<string, unknown>>, sentence: string) => {
    process.stdout.write(`${flags.json ? JSON.stringify(fields) : sentence}\n`);
  };
  const pauses = randomUniform({ seed }, new Float32Array(times));
  const repeated = new RepeatedSteps(run);
  let kills = 0;
  for (const share of pauses) {
    await delay(every * (0.5 + share));
    const hit = await nextHit(run, session, kill);
    if (hit === undefined) break;
    repeated.watch(hit.stage?.stage);
    for (const pid of hit.victim.pids) process.kill(pid, 'SIGKILL');
    kills += 1;
    const { stage, attempts: attempt, progress } = hit.stage ?? {};
    const far = progress === undefined ? '' : ` at ${progress.done} ${progress.unit}`;
    const where = stage === undefined ? '' : `, in ${stage}, attempt ${attempt ?? 1}${far}`;
    tell(
      { type: 'kill', kill: kills, what: kill, pids: hit.victim.pids, stage, attempt, done: progress?.done },
      `kill -9 of ${hit.victim.name}${where}`,
    );
    if (kill === 'engine') await restartEngine(session);
    const next = await nextMove(run, session, kill, hit);
    tell({ type: 'next', kill: kills, story: next }, `  ${next}`);
  }
  const status = await run.status();
  const steps = await repeated.end();
  const attempts = status.stages.reduce((sum, one) => sum + one.attempts, 0);
  const again = steps === 0 ? '' : `, with ${steps} steps made again`;
  tell(
    { type: 'summary', workflowId: run.workflowId, seed, kills, attempts, repeatedSteps: steps, state: status.state },
    `${kills} kills (seed ${seed}): ${run.workflowId} is ${status.state}, ${attempts} attempts of ${status.stages.length} stages${again}`,
  );
  if (status.state !== 'running' && status.state !== 'completed') process.exitCode = 1;
}

/** What is about to be killed, and the stage that it works on. */
interface Hit {
  readonly victim: Victim;
  readonly stage: StageStatus | undefined;
  /** How many attempts the stage's log knows of. */
  readonly attempts: number;
}

/** Waits until there is a victim; undefined once the run is over. */
async function nextHit(run: Run, { project, store }: Session, kind: VictimKind): Promise<Hit | undefined> {
  for (;;) {
    const status = await run.status();
    if (status.state !== 'running') return undefined;
    const victim = await findVictim(kind, status, project.folder);
    const stage = status.stages.find(({ state }) => state === 'running');
    if (victim !== undefined) return { victim, stage, attempts: (await logOf(stage, store)).length };
    await delay(pollMs);
  }
}

/** Who started the engine may start it again; where nobody does, this does, as it was. */
async function restartEngine({ project }: Session): Promise<void> {
  const status = await engineStatus({ projectFolder: project.folder });
  const keep = status.state === 'running' && status.kept;
  const engine = await connectEngine({ projectFolder: project.folder, namespace: project.namespace, keep });
  // It stays: the session, and whoever else uses it, are its users by now.
  await engine.release();
}

/** Waits for the attempt that follows, or the end of the stage, and tells of both. */
async function nextMove(run: Run, { store }: Session, kind: VictimKind, { stage, attempts }: Hit): Promise<string> {
  const patientUntil = performance.now() + patienceMs;
  for (;;) {
    await delay(pollMs);
    const status = await reachable(() => run.status());
    const now = status?.stages.find(({ stageKey }) => stageKey !== undefined && stageKey === stage?.stageKey);
    if (status === undefined) continue;
    if (stage === undefined || now === undefined) return `the run is ${status.state}`;
    const log = await logOf(now, store);
    const story = attemptStory(log);
    if (kind === 'engine') return `the engine is back: ${story.at(-1) ?? now.stage}`;
    // One that has just started has not said yet where it resumes.
    if (log.length > attempts && (log.at(-1)?.events.length ?? 0) > 1) return story.slice(attempts - 1).join('; ');
    if (now.state !== 'running' && now.state !== 'waiting') return `${now.stage} ${now.state} all the same`;
    if (performance.now() > patientUntil)
      return `no attempt has followed for ${patienceMs / 1_000} s: is there another worker? trainyard worker --pool ${now.pool}`;
  }
}

async function logOf(stage: StageStatus | undefined, store: ArtifactStore): Promise<AttemptRecord[]> {
  return stage?.stageKey === undefined ? [] : readAttemptLog(store, stage.stageKey, stage.log);
}

/** Steps of the stages that were hit which their curves show more than once. */
class RepeatedSteps {
  readonly #stages = new Map<string, Promise<void>>();
  readonly #over = new AbortController();
  #count = 0;

  constructor(private readonly run: Run) {}

  /** Counts those of a stage, too. */
  watch(stage: string | undefined): void {
    if (stage === undefined || this.#stages.has(stage)) return;
    // Curves that cannot be read take nothing from the kills.
    const followed = this.#follow(stage).catch(() => undefined);
    this.#stages.set(stage, followed);
  }

  /** Waits for the readers: a call that Temporal's client tries again on a closed connection throws where nobody can catch it. */
  async end(): Promise<number> {
    this.#over.abort();
    await Promise.all(this.#stages.values());
    return this.#count;
  }

  async #follow(stage: string): Promise<void> {
    let newest = 0;
    for await (const { step } of this.run.metrics(stage, { signal: this.#over.signal })) {
      this.#count += Math.max(0, newest - step + 1);
      newest = step;
    }
  }
}

async function reachable<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw error;
  }
}
