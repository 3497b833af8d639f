/** A trainer's process: started in a group of its own, spoken to, killed with all it started, and never outliving its worker. @module */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { readLines } from './lines.js';
import { joinFile, memoryEvents, type MemoryEvents, ownMemoryGroup, removeMemoryGroup } from './memory-groups.js';
import type { MemoryLimit } from './memory-limit.js';
import {
  decodeLine,
  descriptors,
  type DownMessage,
  encodeLine,
  lineLimit,
  protocolVersion,
  type Start,
  startVariable,
  UpMessage,
} from './protocol.js';
import type { TrainerCommand } from './trainer-command.js';

/** How a trainer's process ended. */
export interface TrainerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of its stderr. */
  readonly stderr: readonly string[];
  /** What the kernel counted while it ran: in its own group where it has one, else in that of its worker. */
  readonly memory: MemoryEvents;
  /** On its memory. */
  readonly limit: Omit<MemoryLimit, 'group'> | undefined;
  /** What broke the protocol, for which it was killed. */
  readonly broken: TrainyardError | undefined;
}

/** A running trainer. */
export interface TrainerProcess {
  readonly pid: number | undefined;
  readonly send: (message: DownMessage) => void;
  /** Kills the whole process group at once; {@link ended} tells when it is gone. */
  readonly kill: () => void;
  /** Resolves when the process is gone and its output has been read; never rejects. */
  readonly ended: Promise<TrainerExit>;
}

/** Options of {@link startTrainer}. */
export interface TrainerOptions {
  readonly start: Start;
  /** Variables added to the worker's and the command's own: secrets, devices. One that is undefined is taken away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @default none */
  readonly limit?: MemoryLimit | undefined;
  readonly onMessage: (message: UpMessage) => void;
  readonly onOutput: (stream: 'stdout' | 'stderr', line: string) => void;
}

const outputLimit = 64 * 1024;
const stderrKept = 40;
const drainMs = 2_000;

// The subshell lives in the trainer's process group and holds the end of a pipe whose other end only the worker has: when
// the worker dies, even by SIGKILL, `cat` ends and the group goes with it. It stands before the trainer starts and needs
// neither the trainer's event loop nor its goodwill. `kill 0` means the own group: no pid that could be another's by then.
// Limits come first: $1 is a file of a control group to join, $2 a limit on data in KiB.
const launcher = `[ -z "$1" ] || echo $$ >"$1" || exit 125; [ -z "$2" ] || ulimit -d "$2"; shift 2; (cat <&${descriptors.lifeline}; kill -9 0) >/dev/null 2>&1 ${descriptors.up}>&- ${descriptors.down}<&- & exec "$@" ${descriptors.lifeline}<&-`;

/**
 * Starts a trainer; what goes wrong from here on shows in how it {@link TrainerProcess.ended}. Throws EMFILE where no file descriptor is left
 * for it, and nothing was started.
 */
export function startTrainer(
  command: TrainerCommand,
  { start, env, limit, onMessage, onOutput }: TrainerOptions,
): TrainerProcess {
  const startFile = join(start.scratch, 'start.json');
  writeFileSync(startFile, JSON.stringify(start));
  const group = limit?.group ?? ownMemoryGroup();
  const before = memoryEvents(group);
  const child = spawn(
    '/bin/sh',
    ['-c', launcher, 'trainyard', ...limitArguments(limit), command.program, ...command.args],
    {
      detached: true,
      env: { ...process.env, ...command.env, ...env, [startVariable]: startFile },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    },
  );
  assertHasStreams(child);
  const stderr: string[] = [];
  let broken: TrainyardError | undefined;

  const kill = () => {
    killGroup(child);
  };
  const refuse = (error: unknown) => {
    broken ??=
      error instanceof TrainyardError ? error : new TrainyardError('TY1601', messageOf(error), { cause: error });
    kill();
  };
  const receive = createReceiver(onMessage);
  const output = (name: 'stdout' | 'stderr') => (line: string) => {
    if (name === 'stderr' && stderr.push(line) > stderrKept) stderr.shift();
    onOutput(name, line);
  };

  const streams = streamsOf(child);
  const [stdout, errors, up, down] = streams;
  for (const stream of streams) stream?.on('error', () => undefined); // an end that has closed
  if (stdout) readLines(stdout, { limit: outputLimit, onLine: output('stdout'), onLong: output('stdout') });
  if (errors) readLines(errors, { limit: outputLimit, onLine: output('stderr'), onLong: output('stderr') });
  if (up)
    readLines(up, {
      limit: lineLimit,
      onLine: (line) => {
        if (broken) return;
        try {
          receive(line);
        } catch (error) {
          refuse(error);
        }
      },
      onLong: (begin) => {
        refuse(new TrainyardError('TY1601', `a line of over ${lineLimit} characters: "${begin}…"`));
      },
    });

  const ended = endOf(child, streams).then(async ({ code, signal, error }): Promise<TrainerExit> => {
    if (error) stderr.push(error.message);
    const memory = eventsSince(before, memoryEvents(group));
    if (limit?.group) await removeMemoryGroup(limit.group);
    return { code, signal, stderr, memory, limit: limit && { bytes: limit.bytes, by: limit.by }, broken };
  });

  return {
    pid: child.pid,
    send: (message) => {
      if (down?.writable) down.write(encodeLine(message));
    },
    kill,
    ended,
  };
}

function limitArguments(limit: MemoryLimit | undefined): [join: string, dataKiB: string] {
  if (!limit) return ['', ''];
  return limit.group ? [join(limit.group.folder, joinFile), ''] : ['', String(Math.floor(limit.bytes / 1024))];
}

function eventsSince(before: MemoryEvents, now: MemoryEvents): MemoryEvents {
  return {
    oomKills: Math.max(0, now.oomKills - before.oomKills),
    limitHits: Math.max(0, now.limitHits - before.limitHits),
  };
}

/** Without descriptors Node gives a process that has no streams at all, and says why in an event. */
function assertHasStreams(child: ChildProcess): void {
  // Not in its types, which know only of a process that was started.
  if ((child.stdio as ChildProcess['stdio'] | undefined) !== undefined) return;
  child.once('error', () => undefined);
  throw Object.assign(new Error('no file descriptor is left for a process'), { code: 'EMFILE' });
}

type Socket = Readable & Writable;

/** stdout, stderr, up, down, lifeline; none where the process could not be started. */
function streamsOf(child: ChildProcess): (Socket | undefined)[] {
  // With 'pipe' at each of these descriptors Node makes a socket, which is readable and writable.
  return child.stdio.slice(1).map((stream) => (stream ?? undefined) as Socket | undefined);
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already: what is to be killed has ended by itself.
  }
}

interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: Error;
}

/** How the process ended, once all that it wrote has been read. */
function endOf(child: ChildProcess, streams: readonly (Socket | undefined)[]): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, error });
    });
    child.once('exit', () => {
      streams.at(-1)?.destroy(); // the lifeline: whatever the trainer started and left behind goes now
      // A process that left the group may hold stdout open: what it still writes is not waited for.
      const giveUp = setTimeout(() => {
        for (const stream of streams) stream?.destroy();
      }, drainMs);
      child.once('close', () => {
        clearTimeout(giveUp);
      });
    });
    child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
      resolve({ code, signal });
    });
  });
}

/** Lines to messages: the first must be a hello of our version. */
function createReceiver(onMessage: (message: UpMessage) => void): (line: string) => void {
  let greeted = false;
  return (line) => {
    const message = decodeLine(UpMessage, line);
    if (message.type === 'hello') {
      if (message.protocol !== protocolVersion)
        throw new TrainyardError(
          'TY1601',
          `the trainer speaks protocol ${message.protocol}, this worker ${protocolVersion}`,
        );
      greeted = true;
      return;
    }
    if (!greeted) throw new TrainyardError('TY1601', `"${message.type}" came before "hello"`);
    onMessage(message);
  };
}
