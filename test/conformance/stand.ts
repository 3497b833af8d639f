/** Where a case of conformance runs: one engine, a project of its own, and workers as in production. @module */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import type { ScheduleDefinition } from '../../src/contracts/define-schedule.js';
import { defineProject, type Project } from '../../src/contracts/define-project.js';
import { createPoolWorker } from '../../src/worker/create-pool-worker.js';
import type { TestEngine } from '../support/engine.js';
import { type RunningPipelinesWorker, startPipelinesWorker } from '../support/pipelines-worker.js';
import * as activities from './project/activities.js';

/** What a case works with. */
export interface Stand {
  readonly engine: TestEngine;
  readonly project: Project;
  readonly store: ArtifactStore;
  readonly pipelines: PipelineClient;
  /** A pipelines worker on the workflows of a module beside the cases; it ends with the stand unless the case stops it. */
  readonly startPipelines: (
    module: URL,
    schedules?: ReadonlyMap<string, ScheduleDefinition>,
  ) => Promise<RunningPipelinesWorker>;
  /** A worker of the pool `cpu`; likewise. */
  readonly startPool: () => Promise<{ readonly stop: () => Promise<void> }>;
}

/** Makes a stand on the engine, runs `work`, ends what is left. */
export async function withStand<Result>(engine: TestEngine, work: (stand: Stand) => Promise<Result>): Promise<Result> {
  const project = defineProject({ name: `conformance-${randomUUID().slice(0, 8)}`, pools: { cpu: {} } });
  const store = new MemoryStore();
  const scratchRoot = await mkdtemp(join(tmpdir(), 'ty-conformance-'));
  const running = new Set<() => Promise<void>>();
  const kept = (end: () => Promise<void>) => {
    const stop = async () => {
      if (running.delete(stop)) await end();
    };
    running.add(stop);
    return stop;
  };
  const stand: Stand = {
    engine,
    project,
    store,
    pipelines: new PipelineClient({ client: engine.client, project: project.name, store }),
    startPipelines: async (module, schedules = new Map()) => {
      const worker = await startPipelinesWorker(module, { project, store, schedules }, engine);
      return { bundle: worker.bundle, stop: kept(() => worker.stop()) };
    },
    startPool: async () => {
      const { worker, run } = await createPoolWorker({
        project,
        pool: 'cpu',
        implementations: Object.values(activities),
        store,
        scratchRoot,
        connection: engine.native,
        namespace: engine.engine.namespace,
        payloadCodecs: [],
        registry: new Registry(),
        log: pino({ level: 'silent' }),
      });
      const ran = run();
      const end = async () => {
        worker.shutdown();
        await ran;
      };
      return { stop: kept(end) };
    },
  };
  try {
    return await work(stand);
  } finally {
    for (const stop of running) await stop();
    await rm(scratchRoot, { recursive: true, force: true });
  }
}
