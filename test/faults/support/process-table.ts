/** The process table of Linux, read from /proc: a hundred times cheaper than `ps`, and trials look at it all the time. @module */
import { readdirSync, readFileSync } from 'node:fs';
import { startVariable } from '../../../src/trainer/protocol.js';
import { until } from '../../support/until.js';

/** A living process. */
export interface TableRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/** All processes; the dead that nobody has reaped do not count. */
export function processTable(): TableRow[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    // After the last bracket of the command's name: state, parent, group.
    const [state = 'Z', parent, group] = readProc(name, 'stat').split(') ').at(-1)?.split(' ') ?? [];
    return 'ZX'.includes(state) || parent === undefined
      ? []
      : [{ pid: Number(name), parent: Number(parent), group: Number(group) }];
  });
}

/** The processes that a process has started, and those that they have. */
export function descendantsOf(root: number, table = processTable()): number[] {
  const children = table.filter(({ parent }) => parent === root).map(({ pid }) => pid);
  return children.flatMap((pid) => [pid, ...descendantsOf(pid, table)]);
}

/** The leader of the process group that was started with this start file; undefined before it is there and after. */
export function trainerStartedWith(startFile: string): number | undefined {
  const marker = `${startVariable}=${startFile}\0`;
  return processTable().find(({ pid, group }) => pid === group && readProc(pid, 'environ').includes(marker))?.pid;
}

/** Processes that carry `marker` in their environment. */
export function processesMarked(marker: string): number[] {
  return processTable().flatMap(({ pid }) => (readProc(pid, 'environ').includes(marker) ? [pid] : []));
}

/** What a process is, for a message. */
export function commandOf(pid: number): string {
  return `${pid} ${readProc(pid, 'cmdline').replaceAll('\0', ' ').slice(0, 160)}`;
}

/** Sends a signal; false when the process is gone. */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Waits until none of them lives, and says who outlived five seconds. */
export async function gone(pids: readonly number[]): Promise<void> {
  const alive = () => {
    const living = new Set(processTable().map(({ pid }) => pid));
    return pids.filter((pid) => living.has(pid));
  };
  const deadlineMs = performance.now() + 5_000;
  await until(() => {
    const left = alive();
    if (left.length > 0 && performance.now() > deadlineMs)
      throw new Error(`still there after 5 s: ${left.map(commandOf).join('; ')}`);
    return left.length === 0;
  });
}

function readProc(pid: string | number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return ''; // it has just ended
  }
}
