/** Marks on the disk: when the work on an item began and ended, each time it was done. @module */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Long enough to be killed in; milliseconds. */
const workMs = 20;

/** Work that leaves marks. */
export async function squareWithMarks({
  input: { n, folder },
}: {
  readonly input: { readonly n: number; readonly folder: string };
}): Promise<{ square: number }> {
  leave(folder, n, 'began');
  await setTimeout(workMs);
  leave(folder, n, 'ended');
  return { square: n * n };
}

/** Durable when it returns. */
function leave(folder: string, n: number, what: Mark['what']): void {
  const file = openSync(join(folder, String(n)), 'a');
  writeSync(file, `${what} ${Date.now()}\n`);
  fsyncSync(file);
  closeSync(file);
}

export interface Mark {
  readonly what: 'began' | 'ended';
  readonly atMs: number;
}

/** The marks of an item, in their order. */
export function marksOf(folder: string, n: number): Mark[] {
  const lines = readFileSync(join(folder, String(n)), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const [what, at] = line.split(' ');
    return { what: what === 'ended' ? 'ended' : 'began', atMs: Number(at) };
  });
}
