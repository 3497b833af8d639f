import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { BackgroundCheckpoints } from '../../src/context/background-checkpoints.js';
import { runStageCode } from '../../src/context/run-stage-code.js';
import type { StageContext } from '../../src/context/stage-context.js';

describe('checkpoints behind the training', () => {
  let folder = '';
  /** What was stored, in order; a store that is held resolves when told so. */
  let stored: string[] = [];
  let release: (error?: Error) => void = () => undefined;
  let checkpoints: BackgroundCheckpoints;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trainyard-snapshots-'));
    stored = [];
    const store = async (state: unknown, files: Readonly<Record<string, { readonly path: string }>>) => {
      await new Promise<void>((resolve, reject) => {
        release = (error) => {
          if (error) reject(error);
          else resolve();
        };
      });
      const bytes = Object.entries(files).map(([name, { path }]) => `${name}=${readFileSync(path, 'utf8')}`);
      stored.push([JSON.stringify(state), ...bytes].join(' '));
    };
    checkpoints = new BackgroundCheckpoints({ latest: () => Promise.resolve(undefined), store }, () => folder);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are as they were when they were saved, whatever becomes of bytes and files afterwards', async () => {
    const bytes = Buffer.from('one');
    const path = join(folder, 'weights.bin');
    writeFileSync(path, 'first');
    await checkpoints.save(1, { bytes, pieces: [bytes, bytes], 'deep/file': { path } });
    bytes.write('two');
    writeFileSync(path, 'other');
    assert.deepEqual(stored, []);
    assert.equal(checkpoints.pending, true);
    release();
    await checkpoints.flush();
    assert.equal(checkpoints.pending, false);
    assert.deepEqual(stored, ['1 bytes=one pieces=oneone deep/file=first']);
    assert.deepEqual(readdirSync(folder), ['weights.bin']);
  });

  it('are stored one after another: a save waits for the one before', async () => {
    await checkpoints.save(1);
    let taken = false;
    const second = checkpoints.save(2).then(() => (taken = true));
    const third = checkpoints.save(3);
    await new Promise(setImmediate);
    assert.equal(taken, false);
    release();
    await second;
    assert.deepEqual(stored, ['1']);
    release();
    await third;
    release();
    await checkpoints.flush();
    assert.deepEqual(stored, ['1', '2', '3']);
  });

  it('throw what went wrong at the next save, or when they are flushed, once', async () => {
    await checkpoints.save(1);
    release(new Error('the disk is full'));
    await assert.rejects(checkpoints.save(2), /the disk is full/);
    await checkpoints.save(3);
    release(new Error('the disk is still full'));
    await assert.rejects(checkpoints.flush(), /still full/);
    await checkpoints.flush();
    assert.deepEqual(stored, []);
  });

  it('leave nothing half-written where a snapshot cannot be taken', async () => {
    const path = join(folder, 'not-there');
    await assert.rejects(checkpoints.save(1, { bytes: Buffer.from('one'), missing: { path } }), /ENOENT/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('may be waited for', async () => {
    const saved = checkpoints.save(1, {}, { durable: true });
    await new Promise(setImmediate);
    release(new Error('refused'));
    await assert.rejects(saved, /refused/);
  });

  describe('at the end of stage code', () => {
    const warnings: unknown[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(JSON.parse(line)) });
    // Stage code that only saves: the rest of its context is not looked at.
    const run = (code: () => Promise<string>) =>
      runStageCode({ checkpoints, log } as unknown as StageContext<unknown, unknown>, code);
    const save = async () => {
      await checkpoints.save(1);
      return 'output';
    };

    it('are waited for', async () => {
      const running = run(save);
      await new Promise(setImmediate);
      release();
      assert.equal(await running, 'output');
      assert.deepEqual(stored, ['1']);
    });

    it('fail code that succeeded, and do not hide the failure of code that failed', async () => {
      const lost = run(save);
      await new Promise(setImmediate);
      release(new Error('the disk is full'));
      await assert.rejects(lost, /the disk is full/);

      const failed = run(() => save().then(() => Promise.reject(new Error('a bug'))));
      await new Promise(setImmediate);
      release(new Error('the disk is full'));
      await assert.rejects(failed, /a bug/);
      assert.match(JSON.stringify(warnings), /the disk is full.*the last checkpoint was not stored/);
    });
  });
});
