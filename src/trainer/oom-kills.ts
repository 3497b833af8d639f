/** How many processes the kernel has killed for memory: the evidence behind OutOfMemory. @module */
import { readFileSync } from 'node:fs';

/**
 * The kernel's count of out-of-memory kills around this process: that of its cgroup (v2), which counts the kills of a
 * container's limit, else that of the machine. Undefined where the kernel tells neither (macOS).
 */
export function oomKills(): number | undefined {
  const group = /^0::(.+)$/m.exec(readText('/proc/self/cgroup'))?.[1];
  const events = group === undefined ? '' : readText(`/sys/fs/cgroup${group}/memory.events`);
  const count = /^oom_kill (\d+)$/m.exec(events === '' ? readText('/proc/vmstat') : events)?.[1];
  return count === undefined ? undefined : Number(count);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
