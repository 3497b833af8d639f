/** Runs pipelines of a test on the test run's server, with activities that stand for whole pools. @module */
import { randomUUID } from 'node:crypto';
import { activityInfo, Context } from '@temporalio/activity';
import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import { StageCall, type StageEnvelope } from '../../src/contracts/envelope.js';
import { stageCallHeader } from '../../src/contracts/names.js';
import { bundleWorkflows, type CachedBundle } from '../../src/worker/bundle.js';
import { approvalActivities } from '../../src/worker/approval-activities.js';
import { identifier } from '../../src/worker/identify.js';
import { listActivities } from '../../src/worker/list-activities.js';
import type { Project } from '../../src/contracts/define-project.js';
import { testSigner } from './pipelines-worker.js';
import { testEngine } from './engine.js';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { payloadGuard } from '../../src/converter/payload-guard.js';

/** What a stand-in activity is told. */
export interface Told {
  readonly call: StageCall;
  readonly attempt: number;
}

/** An activity that answers with an envelope, as a real attempt does. */
export type StandIn = (input: never, told: Told) => unknown;

const noLog = {} as Payload;
const logRef = { uri: 'artifact://sha256/0', sha256: '0'.repeat(64), sizeBytes: 0 };

/** A project of its own for each call: pipelines worker and `cpu` pool run while `work` does. */
export async function withPipelines<Result>(
  workflowsUrl: URL,
  activities: Readonly<Record<string, StandIn>>,
  work: (setup: {
    readonly pipelines: PipelineClient;
    readonly project: string;
    readonly bundle: CachedBundle;
    /** Where the pipelines worker keeps lists. */
    readonly store: MemoryStore;
  }) => Promise<Result>,
  config: Pick<Project, 'people' | 'webhooks' | 'secrets'> = {},
): Promise<Result> {
  const { client, native, engine } = await testEngine();
  const project = `test-${randomUUID().slice(0, 8)}`;
  const silent = { log: none, trace: none, debug: none, info: none, warn: none, error: none };
  const bundle = await bundleWorkflows({
    workflowsPath: workflowsUrl.pathname,
    cacheFolder: join(tmpdir(), 'trainyard-test-bundles'),
    logger: silent,
  });
  const common = {
    connection: native,
    namespace: engine.namespace,
    dataConverter: { payloadCodecs: [payloadGuard({ onLarge: 'fail' })] },
  };
  const store = new MemoryStore();
  const pipelinesWorker = await Worker.create({
    ...common,
    taskQueue: `${project}/pipelines`,
    workflowBundle: bundle,
    activities: {
      ...listActivities(store),
      ...approvalActivities({
        project: config,
        store,
        signer: testSigner,
        identify: identifier(new Map([[testSigner.keyId, testSigner.publicKey]]), config),
      }),
    },
  });
  const pool = await Worker.create({
    ...common,
    taskQueue: `${project}/cpu`,
    activities: standIns(activities),
    interceptors: { activity: [() => ({ inbound: { execute: readCall } })] },
  });
  return pipelinesWorker.runUntil(
    pool.runUntil(work({ pipelines: new PipelineClient({ client, project, store }), project, bundle, store })),
  );
}

const calls = new WeakMap<Context, StageCall>();

const readCall = (
  input: { readonly args: unknown[]; readonly headers: Record<string, Payload> },
  next: (input: never) => Promise<unknown>,
) => {
  calls.set(
    Context.current(),
    StageCall.parse(defaultPayloadConverter.fromPayload(input.headers[stageCallHeader] ?? noLog)),
  );
  return next(input as never);
};

function standIns(
  activities: Readonly<Record<string, StandIn>>,
): Record<string, (input: never) => Promise<StageEnvelope>> {
  const wrap = (standIn: StandIn) => async (input: never) => {
    const call = calls.get(Context.current());
    if (call === undefined) throw ApplicationFailure.nonRetryable('no stage call in the headers');
    const { attempt } = activityInfo();
    return { output: await standIn(input, { call, attempt }), attempts: attempt, log: logRef };
  };
  return Object.fromEntries(Object.entries(activities).map(([name, standIn]) => [name, wrap(standIn)]));
}

function none(): void {
  // Bundling is not what is tested.
}
