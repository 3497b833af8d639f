import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { seedOf } from '../../src/context/build-context.js';
import { Progress, StageEnvelope } from '../../src/contracts/envelope.js';
import { gone } from '../trainer/support.js';
import { count } from './stages.js';
import { temporaryFolder } from './support.js';

const Line = z.object({ progress: Progress.optional(), envelope: StageEnvelope.optional() });
const stageKey = 'demo/run/count-00000000-0000-4000-8000-000000000000';
const steps = 60;

/** Runs one attempt in a worker of its own and kills it with -9 once it has done `killAt` steps; its envelope if it is not killed. */
async function runWorker(folder: string, killAt: number): Promise<StageEnvelope | undefined> {
  const script = fileURLToPath(new URL('./attempt-worker.js', import.meta.url));
  const worker = spawn(process.execPath, [script, folder, stageKey, JSON.stringify({ steps, stepMs: 3 })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let envelope: StageEnvelope | undefined;
  for await (const text of createInterface(worker.stdout)) {
    const line = Line.parse(JSON.parse(text));
    envelope = line.envelope;
    if ((line.progress?.done ?? 0) < killAt) continue;
    const trainers = childrenOf(worker.pid ?? 0);
    assert.equal(trainers.length, 1);
    worker.kill('SIGKILL');
    await Promise.all(trainers.map(gone));
    return undefined;
  }
  return envelope;
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = stdout
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number));
  return rows.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
}

/** What the trainer computes, without it. */
function expected(): z.output<typeof count.output> {
  let sum = 0;
  for (let step = 1; step <= steps; step++) sum = (sum * 31 + step * (seedOf(stageKey) % 97)) % 1_000_003;
  return { sum, from: 0, sha256: createHash('sha256').update(String(sum)).digest('hex') };
}

describe('a worker killed with -9', () => {
  it('takes its trainer along, and the next attempts end with the bytes of an unbroken run', async () => {
    const folder = temporaryFolder();
    let done = 0;
    let envelope: StageEnvelope | undefined;
    for (let kills = 0; kills < 3; kills++) {
      done += 2 + Math.floor(Math.random() * 12); // at any moment, that is the point; a failure shows where
      envelope = await runWorker(folder, done);
      assert.equal(envelope, undefined, `killed at ${done}`);
    }
    envelope = await runWorker(folder, Infinity);
    const output = count.output.parse(envelope?.output);
    assert.ok(output.from >= done - 1, `resumed from ${output.from} after a kill at ${done}`);
    assert.deepEqual({ ...output, from: 0 }, expected());
    assert.equal(envelope?.attempts, 4);
    assert.deepEqual(readdirSync(join(folder, 'scratch')), []);
  });
});
