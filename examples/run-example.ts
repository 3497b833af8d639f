/** Runs an example on this machine: an engine, workers and a model server while it lasts, nothing afterwards. @module */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Run } from '../src/client/run.js';
import { loadProject } from '../src/config/load-project.js';
import { messageOf } from '../src/contracts/errors.js';
import { type LocalStack, startLocalStack } from '../src/cli/local-stack.js';
import { type Session, withClient, withEngine } from '../src/cli/session.js';
import { exitCodeOf, type RunEnd, type View, viewFor, watchRun } from '../src/cli/watch-run.js';

/** What an example's own code works with. */
export interface ExampleRun extends Session {
  readonly stack: LocalStack;
  readonly view: View;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Watches a run to its end; cancels it when the example is interrupted or a part of the stack dies. */
  watch(run: Run): Promise<RunEnd>;
  /** A line for people; on stderr with `--json`. */
  say(line: string): void;
}

/** What the example starts. */
export interface ExampleOptions {
  readonly pools: readonly string[];
  readonly serve: boolean;
  readonly mayDie?: readonly string[];
  /** Own flags, for `--help`. */
  readonly usage: string;
  readonly flags?: NonNullable<Parameters<typeof parseArgs>[0]>['options'];
}

/** What an example ends with: the last line of `--json`, and the exit code. */
export interface ExampleEnd {
  readonly result: Readonly<Record<string, unknown>>;
  readonly exitCode: number;
}

/** Values of the example's own flags, as `node:util`'s parseArgs gives them. */
export type FlagValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

const configFolder = fileURLToPath(new URL('.', import.meta.url));

/** Runs `work`, prints its result, and leaves everything up until Ctrl-C with `--keep`. */
export async function runExample(
  options: ExampleOptions,
  work: (example: ExampleRun, flags: FlagValues) => Promise<ExampleEnd>,
): Promise<void> {
  try {
    const flags = parseFlags(options);
    if (flags['help'] === true) process.stdout.write(options.usage);
    else await runParsed(options, flags, work);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode ??= 1;
  }
}

function parseFlags({ flags, usage }: ExampleOptions): FlagValues {
  const common = {
    keep: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ options: { ...common, ...flags } }).values;
  } catch (error) {
    process.exitCode = 2;
    throw new Error(`${messageOf(error)}\n${usage}`, { cause: error });
  }
}

async function runParsed(
  options: ExampleOptions,
  flags: FlagValues,
  work: (example: ExampleRun, flags: FlagValues) => Promise<ExampleEnd>,
): Promise<void> {
  const project = await loadProject({ folder: configFolder });
  const view = viewFor({ json: flags['json'] === true });
  const interrupted = new AbortController();
  const interrupt = () => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const say = (line: string) => (view === 'json' ? process.stderr : process.stdout).write(`${line}\n`);
  await withEngine(project, (engine) =>
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
      try {
        const watch = (run: Run) => watchOrCancel({ run, session, stack, view, signal: interrupted.signal });
        const end = await work({ ...session, stack, view, signal: interrupted.signal, watch, say }, flags);
        if (view === 'json') process.stdout.write(`${JSON.stringify({ type: 'result', ...end.result })}\n`);
        process.exitCode = interrupted.signal.aborted ? 130 : end.exitCode;
        if (flags['keep'] === true && !interrupted.signal.aborted) await keepUp(interrupted.signal, say);
      } finally {
        say('stopping what was started');
        await stack.stop();
      }
    }),
  );
}

interface Watched {
  readonly run: Run;
  readonly session: Session;
  readonly stack: LocalStack;
  readonly view: View;
  readonly signal: AbortSignal;
}

async function watchOrCancel({ run, session, stack, view, signal }: Watched): Promise<RunEnd> {
  const { client, project } = session;
  try {
    const end = await Promise.race([
      watchRun({ run, client, project: project.project.name, signal, view }),
      stack.broken,
    ]);
    if (end.state !== 'detached') return end;
  } catch (error) {
    await run.workflow.terminate(messageOf(error));
    throw error;
  }
  await run.cancel();
  await run.workflow.result().catch(() => undefined);
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
