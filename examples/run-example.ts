/** Runs an example on this machine: an engine, workers and a model server while it lasts, nothing afterwards. @module */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Run } from '../src/client/run.js';
import type { RunStatus } from '../src/client/run-status.js';
import { loadProject } from '../src/config/load-project.js';
import { messageOf } from '../src/contracts/errors.js';
import { type LocalStack, startLocalStack } from '../src/cli/local-stack.js';
import type { FollowOptions } from '../src/cli/follow-run.js';
import { type Session, withClient, withEngine } from '../src/cli/session.js';
import type { RunEvents } from '../src/cli/run-events.js';
import {
  exitCodeOf,
  type RunEnd,
  runEvents,
  type View,
  viewFor,
  type WatchOptions,
  watchRun,
} from '../src/cli/watch-run.js';
import { s3Environment, startS3 } from './example-store.js';

/** What an example's own code works with. */
export interface ExampleRun extends Session {
  readonly stack: LocalStack;
  readonly view: View;
  /** Everything stays up afterwards. */
  readonly keep: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /**
   * Watches a run to its end, or until `until` holds (it is `detached` then); cancels it when the example is interrupted.
   * Throws when a part of the stack dies. What an example watched and did not see end is terminated when the example fails.
   */
  readonly watch: (run: Run, options?: Pick<FollowOptions, 'notes' | 'until'>) => Promise<RunEnd>;
  /** A line for people; on stderr with `--json`. */
  readonly say: (line: string) => void;
}

/** What the example starts, and what it can be told. */
export interface ExampleOptions<Settings> {
  readonly pools: readonly string[];
  /** Flags of `trainyard serve`, where there are any. */
  readonly serve: boolean | readonly string[];
  readonly mayDie?: readonly string[];
  /** What `--help` prints. */
  readonly usage: string;
  /** Own flags. */
  readonly flags?: NonNullable<Parameters<typeof parseArgs>[0]>['options'];
  /** From the flags to what the work is given; what it refuses is a wrong usage, told before anything starts. */
  readonly settings: z.ZodType<Settings>;
}

/** What an example ends with: the last line of `--json`, and the exit code. */
export interface ExampleEnd {
  readonly result: Readonly<Record<string, unknown>>;
  readonly exitCode: number;
}

const Common = z.object({
  keep: z.boolean().default(false),
  json: z.boolean().default(false),
  store: z.enum(['file', 's3']).default('file'),
});
type Common = z.output<typeof Common>;

/** A run that cannot go on, say for want of a worker, cannot be cancelled either. */
const cancelGraceMs = 30_000;
/** Temporal tries a workflow task that failed again; what fails for so long is a bug. */
const problemGraceMs = 15_000;
const configFolder = fileURLToPath(new URL('.', import.meta.url));

/** Runs `work`, prints its result, and leaves everything up until Ctrl-C with `--keep`. */
export async function runExample<Settings>(
  options: ExampleOptions<Settings>,
  work: (example: ExampleRun, settings: Settings) => Promise<ExampleEnd>,
): Promise<void> {
  try {
    const parsed = parseFlags(options);
    if (parsed === 'help') process.stdout.write(options.usage);
    else await runParsed(options, parsed, (example) => work(example, parsed.settings));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode ??= 1;
  }
}

function parseFlags<Settings>({
  flags,
  usage,
  settings,
}: ExampleOptions<Settings>): 'help' | (Common & { settings: Settings }) {
  const common = {
    keep: { type: 'boolean' },
    json: { type: 'boolean' },
    store: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values } = parseArgs({ options: { ...common, ...flags } });
    if (values.help) return 'help';
    return { ...Common.parse(values), settings: settings.parse(values) };
  } catch (error) {
    process.exitCode = 2;
    const what = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new Error(`${what}\n\n${usage}`, { cause: error });
  }
}

async function runParsed(
  options: Pick<ExampleOptions<unknown>, 'pools' | 'serve' | 'mayDie'>,
  { keep, json, store }: Common,
  work: (example: ExampleRun) => Promise<ExampleEnd>,
): Promise<void> {
  const project = await loadProject({ folder: configFolder, environment: store === 's3' ? s3Environment : undefined });
  const view = viewFor({ json });
  const interrupted = new AbortController();
  const interrupt = () => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const say = (line: string) => (view === 'json' ? process.stderr : process.stdout).write(`${line}\n`);
  const stopStore = store === 's3' ? await startS3(project.folder, say) : () => Promise.resolve();
  const runs = withEngine(project, (engine) =>
    withClient(project, engine, async (session) => {
      say(`engine: ${engine.source}`);
      const stack = await startLocalStack({
        project,
        configFolder,
        engine,
        pools: options.pools,
        serve: options.serve,
        mayDie: options.mayDie,
      });
      const watched = new Map<Run, RunEvents>();
      try {
        const { signal } = interrupted;
        const watch: ExampleRun['watch'] = (run, shown) => {
          const told = watched.get(run) ?? runEvents(view);
          watched.set(run, told);
          const notes = () => [...stack.incidents, ...(shown?.notes?.() ?? [])];
          return watchOrCancel({ ...shown, notes, told, run, session, stack, view, signal });
        };
        const end = await work({ ...session, stack, view, keep, signal, watch, say });
        if (view === 'json') process.stdout.write(`${JSON.stringify({ type: 'result', ...end.result })}\n`);
        process.exitCode = signal.aborted ? 130 : end.exitCode;
        if (keep && !signal.aborted) await keepUp(signal, say);
      } catch (error) {
        // Workers that are started later would go on with it. One that is closed cannot be terminated, and need not.
        await Promise.allSettled([...watched.keys()].map(({ workflow }) => workflow.terminate(messageOf(error))));
        throw error;
      } finally {
        say('stopping what was started');
        await stack.stop();
      }
    }),
  );
  await runs.finally(stopStore);
}

interface Watched extends Pick<WatchOptions, 'run' | 'signal' | 'notes' | 'until' | 'view' | 'told'> {
  readonly session: Session;
  readonly stack: LocalStack;
}

async function watchOrCancel({ session, stack, ...shown }: Watched): Promise<RunEnd> {
  const { run, signal } = shown;
  const { client, project } = session;
  let problemSince: number | undefined;
  const until = (status: RunStatus) => {
    problemSince = status.problem === undefined ? undefined : (problemSince ?? Date.now());
    // Nobody mends pipeline code while these workers, which loaded it when they started, are up.
    if (problemSince !== undefined && Date.now() - problemSince > problemGraceMs)
      throw new Error(`pipeline code of ${status.workflowId} fails: ${status.problem}`);
    return shown.until?.(status) ?? false;
  };
  const end = await Promise.race([watchRun({ ...shown, until, client, project: project.project.name }), stack.broken]);
  if (end.state !== 'detached' || !signal.aborted) return end;
  await run.cancel();
  const closed = run.workflow.result().catch(() => undefined);
  if ((await Promise.race([closed.then(() => 'closed'), delay(cancelGraceMs, 'open', { ref: false })])) === 'open')
    await run.workflow.terminate('interrupted, and did not end within the grace');
  return { state: 'cancelled', failure: 'interrupted' };
}

async function keepUp(signal: AbortSignal, say: (line: string) => void): Promise<void> {
  say('everything stays up until Ctrl-C');
  // A timer keeps the process alive while it waits for the signal.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve);
  });
  clearInterval(alive);
}

export { exitCodeOf };
