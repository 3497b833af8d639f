/** CPU time of a process and all its descendants, from Linux's /proc. @module */
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts in USER_HZ, 100 a second on every Linux that Node runs on. */
const msPerTick = 10;

interface Process {
  readonly id: string;
  readonly parent: string;
  readonly ms: number;
}

/** Milliseconds of CPU, user and system; NaN where there is no /proc. */
export function cpuMsOfTree(root: number): number {
  const all = processes();
  const tree = all.filter(({ id }) => id === String(root));
  for (const { id } of tree) tree.push(...all.filter(({ parent }) => parent === id)); // grows while it is walked
  return tree.length === 0 ? NaN : tree.reduce((sum, { ms }) => sum + ms, 0);
}

function processes(): Process[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((id) => {
    if (!/^\d+$/.test(id)) return [];
    try {
      const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
      // The command's name, in brackets, may hold anything: fields are counted behind it.
      const [, parent = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [{ id, parent, ms: (Number(fields[9]) + Number(fields[10])) * msPerTick }];
    } catch {
      return []; // it ended meanwhile
    }
  });
}
