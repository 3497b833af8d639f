/** Preloaded into a worker (`--import`): at each SIGUSR2 it opens files until there is no descriptor left, and closes them later. @module */
import { closeSync, openSync } from 'node:fs';

const forMs = 400;

// A trainer inherits the variable that preloads this, and is not what starves.
if (process.argv.includes('worker')) process.on('SIGUSR2', eat);

function eat(): void {
  const eaten: number[] = [];
  try {
    for (;;) eaten.push(openSync('/dev/null', 'r'));
  } catch {
    // Full.
  }
  setTimeout(() => {
    eaten.forEach(closeSync);
  }, forMs);
}
