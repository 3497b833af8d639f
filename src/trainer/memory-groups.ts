/** Control groups of the kernel: what they count for memory, and one of its own for a trainer with a limit. @module */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** A group with a memory controller. */
export interface MemoryGroup {
  readonly version: 1 | 2;
  readonly folder: string;
}

/** What the kernel has counted in a group since it was made. */
export interface MemoryEvents {
  /** Processes killed for memory. */
  readonly oomKills: number;
  /** How often the limit was reached, reclaimed memory included. */
  readonly limitHits: number;
}

/** The group of this process, where cgroup file systems are mounted at `root`; undefined where there is no memory controller (macOS). */
export function ownMemoryGroup(
  lines = readText('/proc/self/cgroup'),
  root = '/sys/fs/cgroup',
): MemoryGroup | undefined {
  const first = /^\d+:[^:]*\bmemory\b[^:]*:(.+)$/m.exec(lines)?.[1];
  const second = /^0::(.+)$/m.exec(lines)?.[1];
  // A container may see the path of its host, and only its own group mounted.
  const found = (version: 1 | 2, mount: string, path: string, file: string) =>
    [join(mount, path), mount]
      .filter((folder) => existsSync(join(folder, file)))
      .map((folder) => ({ version, folder }))[0];
  if (first !== undefined) return found(1, join(root, 'memory'), first, 'memory.oom_control');
  return second === undefined ? undefined : found(2, root, second, 'memory.events');
}

/** What the kernel counted in a group; without one, the kills on the whole machine. */
export function memoryEvents(group: MemoryGroup | undefined): MemoryEvents {
  if (group?.version === 2) {
    const events = readText(join(group.folder, 'memory.events'));
    return { oomKills: countIn(events, 'oom_kill'), limitHits: countIn(events, 'max') };
  }
  if (group) {
    const oomKills = countIn(readText(join(group.folder, 'memory.oom_control')), 'oom_kill');
    const failures = ['memory.failcnt', 'memory.memsw.failcnt'].map((file) =>
      Number(readText(join(group.folder, file))),
    );
    return { oomKills, limitHits: Math.max(...failures) };
  }
  return { oomKills: countIn(readText('/proc/vmstat'), 'oom_kill'), limitHits: 0 };
}

/**
 * Makes a group with a limit that a process may join, where this process may do so: below its own group, or beside it where systemd
 * has delegated the groups to the worker's service (in version 2 a group with processes can have no groups with controllers).
 */
export function createMemoryGroup(bytes: number): MemoryGroup | undefined {
  const own = ownMemoryGroup();
  if (!own) return undefined;
  const parents = own.version === 1 ? [own.folder] : [own.folder, dirname(own.folder)];
  for (const parent of parents) {
    const group: MemoryGroup = { version: own.version, folder: join(parent, `${prefix}${process.pid}-${++made}`) };
    try {
      sweep(parent);
      mkdirSync(group.folder);
      setLimit(group, bytes);
      // Whether a process may join is known when one has.
      execFileSync('/bin/sh', ['-c', 'echo $$ >"$0"', join(group.folder, joinFile)], { stdio: 'ignore' });
      return group;
    } catch {
      removeFolder(group.folder);
    }
  }
  return undefined;
}

/** Whoever writes its process id to this file of a group joins it. */
export const joinFile = 'cgroup.procs';

/** Removes a group whose processes are ending; one that is left goes when a later worker makes its own. */
export async function removeMemoryGroup({ folder }: MemoryGroup): Promise<void> {
  for (let tries = 0; tries < 50 && existsSync(folder); tries++) {
    removeFolder(folder);
    if (existsSync(folder)) await setTimeout(20);
  }
}

const prefix = 'trainyard-';
let made = 0;

function setLimit({ version, folder }: MemoryGroup, bytes: number): void {
  const write = (file: string, value: string) => {
    writeFileSync(join(folder, file), value, { flag: 'r+' });
  };
  write(version === 2 ? 'memory.max' : 'memory.limit_in_bytes', String(bytes));
  try {
    // Memory in swap counts too: a trainer that swaps is as good as dead. Not every kernel accounts for it.
    if (version === 2) write('memory.swap.max', '0');
    else write('memory.memsw.limit_in_bytes', String(bytes));
  } catch {
    // The limit on memory alone holds.
  }
}

/** Removes groups of workers that were killed. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length).split('-')[0] : undefined;
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeFolder(join(parent, name));
  }
}

function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Not there, or a process is still in it.
  }
}

function countIn(events: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(events)?.[1] ?? 0);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
