/** Processes of a test, found in the process table by a folder that their command or environment names. @module */
import { spawnSync } from 'node:child_process';

/** A living process. */
export interface FoundProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Processes whose command line or environment contains `text`; the dead that nobody has reaped yet do not count. */
export function processesNaming(text: string): FoundProcess[] {
  const { stdout } = spawnSync('ps', ['axeww', '-o', 'pid=,ppid=,stat=,command='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
  });
  return stdout.split('\n').flatMap((row) => {
    const [, pid, parent, state = 'Z', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(row) ?? [];
    if (state.startsWith('Z') || !command.includes(text) || Number(pid) === process.pid) return [];
    return [{ pid: Number(pid), parent: Number(parent), command: command.slice(0, 200) }];
  });
}

/** Whether the process is gone. */
export function isGone(pid: number | undefined): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  const state = stdout.trim();
  return state === '' || state.startsWith('Z');
}
