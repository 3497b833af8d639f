/** Asks a person on a terminal. @module */
import { createInterface } from 'node:readline/promises';

/** What somebody decided, and why. */
export interface Answer {
  readonly verdict: 'approved' | 'rejected';
  readonly reason: string;
}

/** Asks until there is an answer; undefined when `signal` aborts first. Standard output stays free for `--json`. */
export async function ask(question: string, signal: AbortSignal): Promise<Answer | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // readline takes Ctrl-C away from the process: give it back.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const until = async (prompt: string, fits: RegExp): Promise<string> => {
    const answer = (await terminal.question(prompt, { signal })).trim();
    return fits.test(answer) ? answer : until(prompt, fits);
  };
  try {
    const yes = /^y/i.test(await until(`${question} (y/n) `, /^(y|yes|n|no)$/i));
    return { verdict: yes ? 'approved' : 'rejected', reason: await until('Why? ', /./) };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    terminal.close();
  }
}
