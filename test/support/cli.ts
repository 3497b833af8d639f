/** The command line as a user types it: `trainyard` in a folder, its exit code and its words. @module */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

/** How a command ended. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface RunningCommand {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<CommandEnd>;
  /** All that it wrote so far. */
  readonly written: () => string;
  /** Resolves when what it wrote so far, on either stream, matches; throws its words when it ends without. */
  readonly says: (pattern: RegExp) => Promise<void>;
}

/** A command that hangs must fail its test with its words, before the test's own timeout hides them. */
const patienceMs = 100_000;
const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** Starts `trainyard …args` in a folder, with nothing of Temporal in its environment but what `env` says. */
export function startCommand(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  return startScript(folder, main, args, env);
}

/** Starts a script of the tests likewise. */
export function startScript(
  folder: string,
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  const own = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL|TRAINYARD_PROJECT|FORCE_COLOR)/.test(name));
  const child = spawn(process.execPath, ['--enable-source-maps', script, ...args], {
    cwd: folder,
    // The folder in the environment marks the process as one of this test's: see processesNaming.
    env: { ...Object.fromEntries(own), TRAINYARD_PROJECT: folder, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  let end: CommandEnd | undefined;
  const ended = once(child, 'close').then(() => {
    clearTimeout(timer);
    return (end = { code: child.exitCode, signal: child.signalCode, stdout, stderr });
  });
  const says = async (pattern: RegExp) => {
    await until(() => {
      if (pattern.test(stdout + stderr)) return true;
      if (end)
        throw new Error(`it ended (${String(end.code ?? end.signal)}) without ${String(pattern)}:\n${stdout}${stderr}`);
      return false;
    });
  };
  return { child, ended, says, written: () => stdout + stderr };
}

/** Runs a command to its end. */
export function runCommand(
  folder: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<CommandEnd> {
  return startCommand(folder, args, env).ended;
}

/** Lines of JSON. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
