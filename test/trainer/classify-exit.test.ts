import assert from 'node:assert/strict';
import type { TrainerExit } from '../../src/trainer/child-process.js';
import { classifyExit } from '../../src/trainer/classify-exit.js';
import { hello, scriptOf, temporaryFolder, watch } from './support.js';

describe('the class of a trainer that ended', () => {
  const exit: TrainerExit = { code: null, signal: null, stderr: [], oomKills: 0, broken: undefined };

  it('is OutOfMemory where the kernel counted a kill for memory, and Failed for a SIGKILL that it did not', () => {
    const killed = { ...exit, signal: 'SIGKILL' } as const;
    assert.equal(classifyExit('t.py', { ...killed, oomKills: 1 }, undefined).failureClass, 'OutOfMemory');
    assert.deepEqual(classifyExit('t.py', { ...killed, oomKills: 1 }, undefined).evidence, {
      signal: 'SIGKILL',
      oomKills: 1,
    });
    assert.equal(classifyExit('t.py', killed, undefined).failureClass, 'Failed');
  });

  it('is OutOfMemory for a Node trainer whose heap is full', async () => {
    const folder = temporaryFolder();
    const command = scriptOf(
      folder,
      `${hello} const all = []; for (;;) all.push(new Array(100_000).fill(Math.random()));`,
    );
    const { trainer } = watch({ ...command, args: ['--max-old-space-size=20', ...command.args] }, folder);
    const failure = classifyExit('t.mjs', await trainer.ended, undefined);
    assert.equal(failure.failureClass, 'OutOfMemory', failure.message);
    assert.equal(failure.evidence['signal'], 'SIGABRT');
  });

  it('is what the trainer reported, with the exit beside it', () => {
    const reported = { type: 'failure', class: 'Diverged', message: 'loss is NaN', evidence: { step: 3 } } as const;
    const failure = classifyExit('t.py', { ...exit, code: 1, stderr: ['Traceback'] }, reported);
    assert.equal(failure.failureClass, 'Diverged');
    assert.deepEqual(failure.evidence, { exitCode: 1, stderr: 'Traceback', step: 3 });
  });

  it('names exit code, signal or the missing output', () => {
    assert.match(classifyExit('t.py', { ...exit, code: 3 }, undefined).message, /t\.py ended with exit code 3.*TY1603/);
    assert.match(classifyExit('t.py', { ...exit, code: 0 }, undefined).message, /ended without an output/);
    assert.match(classifyExit('t.py', { ...exit, signal: 'SIGSEGV' }, undefined).message, /was ended by SIGSEGV/);
  });
});
