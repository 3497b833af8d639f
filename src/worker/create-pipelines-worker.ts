/** A worker for a project's pipelines and the bookkeeping between them, versioned by the digest of their bundle. @module */
import type { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { type NativeConnection, Worker } from '@temporalio/worker';
import type { ArtifactStore } from '../artifacts/store.js';
import type { Project } from '../contracts/define-project.js';
import type { ScheduleDefinition } from '../contracts/define-schedule.js';
import { pipelinesPool, taskQueue } from '../contracts/names.js';
import type { Signer, TrustedKeys } from '../records/signing.js';
import { alertActivities } from './alert-activities.js';
import { approvalActivities } from './approval-activities.js';
import { bookkeepingActivities } from './bookkeeping.js';
import type { CachedBundle } from './bundle.js';
import { changeActivities } from './change-activities.js';
import { entityActivities } from './entity-activities.js';
import { identifier } from './identify.js';
import { listActivities } from './list-activities.js';
import { modelPolicy } from './model-policy.js';
import { rollOutActivities } from './roll-out.js';
import { rolloutActivities } from './rollout-activities.js';
import { sliceActivities } from './slice-activities.js';
import { lookActivities } from './run-look.js';
import { roundActivities } from './run-round.js';
import { deploymentOf, makeCurrent } from './versioning.js';

/** What a pipelines worker stands on. */
export interface PipelinesWorkerOptions {
  readonly project: Pick<Project, 'name' | 'tenants' | 'models' | 'people' | 'webhooks' | 'alerts' | 'secrets'>;
  readonly bundle: CachedBundle;
  readonly connection: NativeConnection;
  readonly client: Client;
  readonly payloadCodecs: PayloadCodec[];
  /** Keeps the bundle, for audits and replays of runs that are pinned to it. */
  readonly store: ArtifactStore;
  /** Signs what entities publish, and how approvals end. */
  readonly signer: Signer;
  /** Whose records of decisions, and whose word on people's identity, count, beside the signer's. @default nobody's */
  readonly trusted?: TrustedKeys;
  /** What the project's contracts schedule, by name. @default nothing */
  readonly schedules?: ReadonlyMap<string, ScheduleDefinition>;
  /** Search attributes that the namespace has: runs of slices, rounds and looks carry them. @default none */
  readonly searchAttributes?: readonly string[];
  /**
   * Two releases may run side by side: a version that was current before does not become it again when its worker is started again. @default false,
   * as in development, where going back is a restart
   */
  readonly production?: boolean;
}

/** A worker that runs until it is shut down; new runs start on its version once it polls, in production only the first time. */
export async function createPipelinesWorker(
  options: PipelinesWorkerOptions,
): Promise<{ readonly worker: Worker; readonly run: () => Promise<void> }> {
  const { project, bundle, connection, client, payloadCodecs, store, signer } = options;
  const { schedules = new Map(), searchAttributes = [], production = false } = options;
  const started = { client, project: project.name, searchAttributes };
  const trusted: TrustedKeys = new Map([...(options.trusted ?? []), [signer.keyId, signer.publicKey]]);
  await store.put(Buffer.from(bundle.code));
  const identify = identifier(trusted, project);
  const workerDeploymentOptions = deploymentOf(project.name, bundle.sha256);
  const worker = await Worker.create({
    connection,
    namespace: client.options.namespace,
    taskQueue: taskQueue(project.name, pipelinesPool),
    workflowBundle: bundle,
    activities: {
      ...bookkeepingActivities(client, project),
      ...listActivities(store),
      ...sliceActivities({ ...started, store, schedules }),
      ...lookActivities(started),
      ...roundActivities({ ...started, store }),
      ...alertActivities(project),
      ...rolloutActivities({ store, signer }),
      ...rollOutActivities({ client, project: project.name, store }),
      ...changeActivities({ client, project: project.name }),
      ...approvalActivities({ project, store, signer, identify }),
      ...entityActivities({ store, signer, identify, policies: { models: modelPolicy(project, { store, trusted }) } }),
    },
    // A run whose worker was killed waits so long for it, 10 s by default; a worker that is merely busy has to replay after that.
    stickyQueueScheduleToStartTimeout: '5 seconds',
    // They only wait: one for each run that holds a place of its tenant.
    maxConcurrentActivityTaskExecutions: 1_000,
    workerDeploymentOptions,
    dataConverter: { payloadCodecs },
  });
  const run = async () => {
    const stopped = new AbortController();
    const running = worker.run().finally(() => {
      stopped.abort();
    });
    await Promise.all([
      running,
      makeCurrent(client, workerDeploymentOptions, { once: production, signal: stopped.signal }),
    ]);
  };
  return { worker, run };
}
