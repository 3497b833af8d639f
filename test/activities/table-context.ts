/** A context for the stages that read and write tables: a real store and scratch folder, progress kept. @module */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { putJson, readJson } from '../../src/artifacts/json.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import type { ArtifactAccess, StageContext } from '../../src/context/stage-context.js';
import { createDataAccess } from '../../src/data/create-data-access.js';
import type { DataAccess } from '../../src/data/data-access.js';

/** A bench with its own folder; `close` deletes it. */
export class TableBench {
  readonly progress: { done: number; total: number | undefined; unit: string }[] = [];

  private constructor(
    readonly folder: string,
    readonly store: ArtifactStore,
    readonly data: DataAccess,
  ) {}

  static async open(): Promise<TableBench> {
    const folder = await mkdtemp(join(tmpdir(), 'trainyard-tables-'));
    await mkdir(join(folder, 'scratch'));
    const store = await openFileStore(join(folder, 'store'));
    return new TableBench(folder, store, createDataAccess(store, { scratch: folder }));
  }

  /** What a stage is given, for a parsed input. */
  context<Input>(input: Input, signal: StageContext<Input>['signal'] = new AbortController().signal) {
    const artifacts: ArtifactAccess = {
      store: this.store,
      put: (source) => this.store.put(source),
      putJson: (value) => putJson(this.store, value),
      json: (ref) => readJson(this.store, ref, z.unknown()),
    };
    return {
      input,
      artifacts,
      data: this.data,
      scratch: join(this.folder, 'scratch'),
      signal,
      log: pino({ level: 'silent' }),
      progress: (done: number, total: number | undefined, unit: string) => {
        this.progress.push({ done, total, unit });
      },
    };
  }

  /** What stages have left in their scratch folder. */
  leftovers(): Promise<string[]> {
    return readdir(join(this.folder, 'scratch'));
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}
