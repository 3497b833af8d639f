/** Checkpoints that are stored behind the stage's code: it waits for a snapshot, and for the store only when the next is due. @module */
import { constants, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno } from '../artifacts/durable-files.js';
import { TrainyardError } from '../contracts/errors.js';
import type { CheckpointAccess, CheckpointFiles, LatestCheckpoint, Numerics, SaveOptions } from './stage-context.js';

/** Files of a snapshot by name: nobody changes them any more. */
export type SnapshotFiles = Readonly<Record<string, { readonly path: string }>>;

/** Where the checkpoints of an attempt come from and go to. */
export interface DurableCheckpoints {
  latest(): Promise<LatestCheckpoint<unknown> | undefined>;
  /** Takes the state before it returns; the checkpoint is durable when the promise resolves. */
  store(state: unknown, files: SnapshotFiles, numerics: Numerics): Promise<void>;
}

/** `ctx.checkpoints`. One snapshot is on its way at a time, so that manifests are published in the order of the saves. */
export class BackgroundCheckpoints implements CheckpointAccess<unknown> {
  readonly #durable: DurableCheckpoints;
  readonly #scratch: () => string;
  #saves = 0;
  #pending = false;
  #onItsWay: Promise<void> = Promise.resolve();
  /** The end of the last call: each waits for the one before. */
  #last: Promise<unknown> = Promise.resolve();

  /** `scratch` gives a folder for snapshots; asked for only when there are files. */
  constructor(durable: DurableCheckpoints, scratch: () => string) {
    this.#durable = durable;
    this.#scratch = scratch;
  }

  latest(): Promise<LatestCheckpoint<unknown> | undefined> {
    return this.#durable.latest();
  }

  get pending(): boolean {
    return this.#pending;
  }

  save(
    state: unknown,
    files: CheckpointFiles = {},
    { numerics = {}, durable = false }: SaveOptions = {},
  ): Promise<void> {
    return this.#inTurn(async () => {
      await this.#settled();
      const snapshot = await this.#snapshot(files);
      this.#pending = true;
      this.#onItsWay = this.#durable.store(state, snapshot.files, numerics).finally(() => {
        this.#pending = false;
        return snapshot.remove();
      });
      this.#onItsWay.catch(() => undefined); // thrown by the next call
      if (durable) await this.#settled();
    });
  }

  flush(): Promise<void> {
    return this.#inTurn(() => this.#settled());
  }

  /** What went wrong with a snapshot is thrown once. */
  async #settled(): Promise<void> {
    const onItsWay = this.#onItsWay;
    this.#onItsWay = Promise.resolve();
    await onItsWay;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /**
   * The files as they are now. A hard link would be cheaper than a copy and wrong: writing to a file anew, as `torch.save` does,
   * changes the bytes behind every link. Nothing is synced: the store does that.
   */
  async #snapshot(files: CheckpointFiles): Promise<{ readonly files: SnapshotFiles; remove(): Promise<void> }> {
    const entries = Object.entries(files);
    if (entries.length === 0) return { files: {}, remove: () => Promise.resolve() };
    const folder = join(this.#scratch(), `checkpoint-${++this.#saves}`);
    const remove = () => rm(folder, { recursive: true, force: true });
    const paths: Record<string, { readonly path: string }> = {};
    try {
      for (const [name, file] of entries) {
        const path = join(folder, name);
        await mkdir(dirname(path), { recursive: true });
        // Shares the blocks where the file system can (Btrfs, XFS).
        if ('path' in file) await copyFile(file.path, path, constants.COPYFILE_FICLONE);
        else await writeFile(path, file);
        paths[name] = { path };
      }
    } catch (error) {
      await remove();
      if (!isErrno(error, 'ENOSPC', 'EDQUOT')) throw error;
      throw new TrainyardError('TY1407', `a snapshot of a checkpoint does not fit into ${folder}`, { cause: error });
    }
    return { files: paths, remove };
  }
}
