import assert from 'node:assert/strict';
import type { TrainerExit } from '../../src/trainer/child-process.js';
import { classifyExit } from '../../src/trainer/classify-exit.js';
import { hello, scriptOf, temporaryFolder, watch } from './support.js';

describe('the class of a trainer that ended', () => {
  const memory = { oomKills: 0, limitHits: 0 };
  const exit: TrainerExit = { code: null, signal: null, stderr: [], memory, limit: undefined, broken: undefined };

  it('is OutOfMemory where the kernel counted a kill for memory, and Failed for a SIGKILL that it did not', () => {
    const counted = { oomKills: 1, limitHits: 3 };
    const killed = { ...exit, signal: 'SIGKILL' } as const;
    const failure = classifyExit('t.py', { ...killed, memory: counted }, undefined);
    assert.equal(failure.failureClass, 'OutOfMemory');
    assert.deepEqual(failure.evidence, { signal: 'SIGKILL', oomKills: 1, memoryLimitHits: 3 });
    assert.equal(classifyExit('t.py', killed, undefined).failureClass, 'Failed');
    // A shell in front of it; and the kill of some other process while this one failed by itself.
    assert.equal(classifyExit('t.py', { ...exit, code: 137, memory: counted }, undefined).failureClass, 'OutOfMemory');
    assert.equal(classifyExit('t.py', { ...exit, code: 1, memory: counted }, undefined).failureClass, 'Failed');
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

  it('is OutOfMemory where a runtime aborts for want of it, and Failed for another abort', () => {
    // As onnxruntime-node 1.30 and V8 of Node 20 end under RLIMIT_DATA.
    const last = [
      "terminate called after throwing an instance of 'Ort::Exception'\n  what():  Exception caught: std::bad_alloc",
      "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc",
      'FATAL ERROR: Committing semi space failed. Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----',
      '#\n# Fatal process OOM in Failed to reserve virtual memory for CodeRange\n#',
    ];
    for (const words of last) {
      const stderr = words.split('\n');
      for (const end of [{ signal: 'SIGABRT' }, { signal: 'SIGTRAP' }, { code: 134 }, { code: 133 }] as const)
        assert.equal(classifyExit('t.mjs', { ...exit, ...end, stderr }, undefined).failureClass, 'OutOfMemory', words);
      assert.equal(classifyExit('t.mjs', { ...exit, code: 1, stderr }, undefined).failureClass, 'Failed');
    }
    const stderr = ['assertion failed: memory.size > 0'];
    assert.equal(classifyExit('t.mjs', { ...exit, signal: 'SIGABRT', stderr }, undefined).failureClass, 'Failed');
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
