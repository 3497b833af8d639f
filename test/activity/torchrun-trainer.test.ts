import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { AttemptFailure, AttemptInterrupted } from '../../src/activity/attempt-host.js';
import { implementStage } from '../../src/activity/implement-stage.js';
import { torchrun } from '../../src/trainer/torchrun.js';
import { gone } from '../trainer/support.js';
import { count } from './stages.js';
import { callerOf } from './support.js';

// An interpreter with torch, from a virtual environment for instance.
const python = process.env['TRAINYARD_TEST_TORCH_PYTHON'] ?? 'python3';
const script = new URL('../../../test/activity/count_ddp.py', import.meta.url);

function pidsOf(text: string): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => line.includes(text))
    .map((line) => Number.parseInt(line, 10));
}

describe('torchrun as a trainer', () => {
  const counting = implementStage(count).inChild(
    torchrun({ script, python, processesPerNode: 2, args: [`--for=${process.pid}`] }),
  );

  before(function () {
    if (spawnSync(python, ['-c', 'import torch.distributed.run']).status === 0) return;
    console.log(`      skipped: ${python} has no torch; TRAINYARD_TEST_TORCH_PYTHON names an interpreter that has`);
    this.skip();
  });
  before(() => {
    process.env['GLOO_SOCKET_IFNAME'] = process.platform === 'linux' ? 'lo' : 'lo0';
  });
  after(() => {
    delete process.env['GLOO_SOCKET_IFNAME'];
  });

  it('speaks with one voice, resumes on every rank, and reports what a rank raised', async () => {
    const caller = await callerOf(counting);
    const failure: unknown = await caller
      .attempt({ steps: 2, mood: 'crash' })
      .envelope.catch((thrown: unknown) => thrown);
    assert.ok(failure instanceof AttemptFailure);
    assert.match(failure.message, /the disk is on fire/);
    const { output } = await caller.attempt({ steps: 4 }).envelope;
    const { sum, from } = count.output.parse(output);
    assert.deepEqual([sum, from], [30, 2]);
    assert.ok(caller.log.some(({ msg }) => typeof msg === 'string' && msg.includes('rank 1 starts at 2')));
  });

  it('runs out of memory where a rank does, of which rank 0 knows only that its peer is gone', async () => {
    const caller = await callerOf(counting);
    const failure: unknown = await caller
      .attempt({ steps: 2, mood: 'heap' })
      .envelope.catch((thrown: unknown) => thrown);
    assert.ok(failure instanceof AttemptFailure);
    assert.equal(failure.failureClass, 'OutOfMemory', failure.message);
  });

  it('takes its ranks along when it is killed, although they live in sessions of their own', async () => {
    const caller = await callerOf(counting);
    const attempt = caller.attempt({ steps: 2, mood: 'busy' }, { cancelGraceMs: 100 });
    await attempt.until(({ done }) => done === 2);
    const pids = pidsOf(`--for=${process.pid}`);
    assert.ok(pids.length >= 3, String(pids));
    attempt.stop('cancelled');
    await assert.rejects(attempt.envelope, AttemptInterrupted);
    await Promise.all(pids.map(gone));
  });
});
