/** Checkpoints as an attempt leaves them, in a store of their own, and what the next attempt makes of them once they are damaged. @module */
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openFileStore } from '../../../src/artifacts/file-store.js';
import { objectKey } from '../../../src/contracts/names.js';
import { openCheckpoints } from '../../../src/records/checkpoints.js';
import { baseKey, callFolder, formatToken, sequenceKey } from '../../../src/records/layout.js';

/** A file of one checkpoint, and which checkpoint is lost when it is damaged: that of `seq`, or none for the base. */
export interface SavedFile {
  readonly path: string;
  readonly key: string;
  readonly seq: number | undefined;
}

/** Three checkpoints of one attempt: states, and a file of 1 MiB each. */
export interface SavedCheckpoints {
  readonly manifests: readonly SavedFile[];
  readonly contents: readonly SavedFile[];
  readonly base: SavedFile;
  /** What a new attempt, in a new process as far as the store knows, resumes from: its seq, and the keys that it reports as damaged. */
  readonly resume: () => Promise<{ readonly seq: number | undefined; readonly damaged: readonly string[] }>;
}

const fileBytes = 1024 * 1024;
const seqs = [1, 2, 3];
const stageKey = 'run/stage-1';
const state = z.object({ step: z.int(), weights: z.array(z.number()) });

const tokenOf = (attempt: number) =>
  formatToken({ generation: 0, scheduledMs: 1_000 + attempt, attempt, nonce: '00000000' });
const stateOf = (seq: number) => ({
  step: seq * 100,
  weights: Array.from({ length: 64 }, (_, index) => seq / (index + 1)),
});
const bytesOf = (seq: number) => Buffer.alloc(fileBytes, `weights of checkpoint ${seq}, `);

/** Saves them in `folder`. */
export async function saveCheckpoints(folder: string): Promise<SavedCheckpoints> {
  const store = await openFileStore(folder);
  const records = callFolder('checkpoints', stageKey);
  const token = tokenOf(1);
  const saved = await openCheckpoints({
    store,
    stageKey,
    token,
    attempt: 1,
    state,
    log: { append: () => Promise.resolve() },
  });
  const contents: SavedFile[] = [];
  const manifests: SavedFile[] = [];
  for (const seq of seqs) {
    const key = await saved.save(stateOf(seq), { weights: bytesOf(seq) });
    assert.equal(key, sequenceKey(records, token, seq));
    manifests.push({ path: join(folder, key), key, seq });
    const { sha256 } = await store.put(bytesOf(seq));
    contents.push({ path: join(folder, objectKey(sha256)), key, seq });
  }
  const key = baseKey(records, token);
  return { manifests, contents, base: { path: join(folder, key), key, seq: undefined }, resume: () => resume(folder) };
}

async function resume(folder: string) {
  const damaged: string[] = [];
  const token = tokenOf(2);
  const { base } = await openCheckpoints({
    store: await openFileStore(folder),
    stageKey,
    token,
    attempt: 2,
    state,
    log: {
      append: (event) => {
        if (event.event === 'damaged') damaged.push(event.key);
        return Promise.resolve();
      },
    },
  });
  if (base !== undefined) {
    assert.deepEqual(base.state, stateOf(base.seq));
    assert.ok(bytesOf(base.seq).equals(await readFile(await base.file('weights'))), 'other weights than were saved');
  }
  // The next attempt is to find what this one has found.
  await rm(join(folder, callFolder('checkpoints', stageKey), token), { recursive: true });
  return { seq: base?.seq, damaged };
}
