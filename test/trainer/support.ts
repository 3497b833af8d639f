/** Trainers written on the spot, and the processes they become. @module */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startTrainer, type TrainerProcess } from '../../src/trainer/child-process.js';
import type { MemoryLimit } from '../../src/trainer/memory-limit.js';
import type { Start, UpMessage } from '../../src/trainer/protocol.js';
import type { TrainerCommand } from '../../src/trainer/trainer-command.js';

/** A folder that goes with the test file that asked for it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-test-'));
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A Node script, as text, that speaks the protocol itself: `say(message)` writes a message. */
export function scriptOf(folder: string, body: string): TrainerCommand {
  const path = join(folder, `trainer-${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(
    path,
    `import fs from 'node:fs'; import { spawn } from 'node:child_process';
     const say = (message) => fs.writeSync(3, JSON.stringify(message) + '\\n');
     ${body}`,
  );
  return { program: process.execPath, args: [path], env: {}, title: 'trainer.mjs', kind: 'trainer' };
}

export const hello = `say({ type: 'hello', protocol: 1 });`;

/** A start for a trainer that does not look at most of it. */
export function startOf(scratch: string): Start {
  return {
    protocol: 1,
    input: {},
    seed: 1,
    scratch,
    devices: [],
    attempt: 1,
    run: { workflowId: 'w', runId: 'r', stage: 'train', call: 'w/train-1', token: '0001' },
    secrets: [],
    store: 'file:///nowhere',
  };
}

/** A trainer that has been started, what it said, and a wait for what it says next. */
export interface Watched {
  readonly trainer: TrainerProcess;
  readonly messages: UpMessage[];
  readonly output: string[];
  /** Resolves with the first message that fits, said already or to come. */
  readonly until: (fits: (message: UpMessage) => boolean) => Promise<UpMessage>;
}

/** Starts a trainer in `scratch` and keeps what it says. */
export function watch(
  command: TrainerCommand,
  scratch: string,
  env: Record<string, string | undefined> = {},
  limit?: MemoryLimit,
): Watched {
  const messages: UpMessage[] = [];
  const output: string[] = [];
  let heard = () => {};
  const trainer = startTrainer(command, {
    start: startOf(scratch),
    env,
    limit,
    onMessage: (message) => {
      messages.push(message);
      heard();
    },
    onOutput: (stream, line) => {
      output.push(`${stream}: ${line}`);
    },
  });
  const until = async (fits: (message: UpMessage) => boolean) => {
    for (;;) {
      const found = messages.find(fits);
      if (found) return found;
      const ended = await Promise.race([
        new Promise<undefined>((resolve) => {
          heard = () => {
            resolve(undefined);
          };
        }),
        trainer.ended,
      ]);
      if (ended && !messages.some(fits)) assert.fail(`the trainer ended first: ${JSON.stringify(ended)}`);
    }
  };
  return { trainer, messages, output, until };
}

/** Resolves when a process is gone; a zombie that nobody has reaped yet is gone. */
export async function gone(pid: number): Promise<void> {
  for (;;) {
    const state = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
    if (state === '' || state.startsWith('Z')) return;
    await setTimeout(20);
  }
}
