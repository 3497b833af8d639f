import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { classifyExit } from '../../src/trainer/classify-exit.js';
import { createMemoryGroup, memoryEvents, ownMemoryGroup, removeMemoryGroup } from '../../src/trainer/memory-groups.js';
import { limitMemory, type MemoryLimit } from '../../src/trainer/memory-limit.js';
import type { TrainerCommand } from '../../src/trainer/trainer-command.js';
import { hello, scriptOf, temporaryFolder, watch } from './support.js';

const bytes = 200 * 2 ** 20;
const byData: MemoryLimit = { bytes, by: 'RLIMIT_DATA', group: undefined };

describe('a limit on the memory of a trainer', () => {
  const folder = temporaryFolder();
  const python = (code: string): TrainerCommand => ({
    program: 'python3',
    args: ['-c', code],
    env: {},
    title: 'train.py',
    kind: 'trainer',
  });

  /** The end of a trainer under a limit, as a failure. */
  async function failureOf(command: TrainerCommand, limit: MemoryLimit) {
    const { trainer, messages } = watch(command, folder, {}, limit);
    const exit = await trainer.ended;
    const reported = messages.find((message) => message.type === 'failure');
    return { failure: classifyExit(command.title, exit, reported), exit };
  }

  it('is that of a control group where the kernel lets the worker make one: a kill, of this trainer alone', async function () {
    const limit = limitMemory(bytes);
    if (!limit.group) {
      console.log('      no control group can be made here: RLIMIT_DATA is what limits');
      this.skip();
    }
    const group = limit.group.folder;
    const hungry = `${hello} const all = []; for (;;) all.push(Buffer.alloc(1 << 24, 1));`;
    const { failure } = await failureOf(scriptOf(folder, hungry), limit);
    assert.equal(failure.failureClass, 'OutOfMemory', failure.message);
    assert.equal(failure.evidence['oomKills'], 1);
    assert.equal(failure.evidence['memoryLimitBytes'], bytes);
    assert.equal(failure.evidence['memoryLimitBy'], limit.by);
    assert.equal(existsSync(group), false);
  });

  it('clears away the groups that killed workers left', async function () {
    const first = createMemoryGroup(bytes);
    if (!first) this.skip();
    const left = join(dirname(first.folder), 'trainyard-999999999-1');
    mkdirSync(left);
    const second = createMemoryGroup(bytes);
    assert.deepEqual([existsSync(first.folder), existsSync(left)], [true, false]);
    for (const group of [first, second]) if (group) await removeMemoryGroup(group);
    assert.equal(existsSync(first.folder), false);
  });

  it('counts what a trainer starts in its group, whose kill is the cause of what the trainer then reports', async function () {
    const limit = limitMemory(bytes);
    if (!limit.group) this.skip();
    const child = 'const all = []; for (;;) all.push(Buffer.alloc(1 << 24, 1));';
    const body = `${hello} spawn(process.execPath, ['-e', ${JSON.stringify(child)}]).on('exit', (code, signal) => {
      say({ type: 'failure', class: 'Failed', message: 'the loader ended with ' + signal, evidence: {} }); process.exit(1); });`;
    const { failure } = await failureOf(scriptOf(folder, body), limit);
    assert.equal(failure.message, 'the loader ended with SIGKILL');
    assert.equal(failure.failureClass, 'OutOfMemory');
  });

  it('is RLIMIT_DATA elsewhere, which V8 shows when its heap is full', async () => {
    const body = `${hello} const all = []; for (;;) all.push(new Array(100_000).fill(Math.random()));`;
    const { failure } = await failureOf(scriptOf(folder, body), byData);
    assert.equal(failure.failureClass, 'OutOfMemory', failure.message);
    assert.equal(failure.evidence['memoryLimitBy'], 'RLIMIT_DATA');
  });

  it('leaves a trainer that stays below in peace', async () => {
    for (const limit of [limitMemory(bytes), byData])
      assert.equal((await watch(scriptOf(folder, hello), folder, {}, limit).trainer.ended).code, 0);
    assert.equal((await watch(python('bytearray(10**6)'), folder, {}, byData).trainer.ended).code, 0);
    assert.equal((await watch(python('bytearray(10**9)'), folder, {}, byData).trainer.ended).code, 1);
  });

  it('counts by the files of either version, in the group that a container is shown', () => {
    const root = temporaryRoot(folder, {
      'memory/job/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
      'memory/job/memory.failcnt': '106\n',
      'memory.events': 'low 0\nhigh 0\nmax 17\noom 4\noom_kill 3\noom_group_kill 0\n',
    });
    const first = ownMemoryGroup('5:cpu:/\n4:memory:/job\n0::/\n', root);
    assert.deepEqual(first, { version: 1, folder: join(root, 'memory/job') });
    assert.deepEqual(memoryEvents(first), { oomKills: 2, limitHits: 106 });
    // The path is that of the host, and the group itself is mounted.
    const second = ownMemoryGroup('0::/system.slice/docker-12ab.scope\n', root);
    assert.deepEqual(second, { version: 2, folder: root });
    assert.deepEqual(memoryEvents(second), { oomKills: 3, limitHits: 17 });
    assert.equal(ownMemoryGroup('', root), undefined);
  });

  it('is not a group that could not be limited', () => {
    assert.equal(createMemoryGroup(-5), undefined);
  });
});

/** A folder with these files, by path. */
function temporaryRoot(folder: string, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(folder, 'cgroup-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
