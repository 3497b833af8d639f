/** A worker for one pool: the project's stages as activities, with as many slots as the machine has room or devices. @module */
import type { PayloadCodec } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerTuner } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { StageImplementation } from '../activity/implement-stage.js';
import { SpendMeters } from '../activity/spend-meter.js';
import { sweepScratch } from '../activity/scratch.js';
import { createStageActivity } from '../activity/stage-activity.js';
import { stageCallInterceptor } from '../activity/stage-call.js';
import type { ArtifactStore } from '../artifacts/store.js';
import type { Spent } from '../contracts/budget.js';
import type { PoolOptions, Project } from '../contracts/define-project.js';
import { TrainyardError } from '../contracts/errors.js';
import { taskQueue } from '../contracts/names.js';
import { type Device, DeviceSlots, findDevices } from './devices.js';
import { attemptMetrics } from './pool-metrics.js';

/** What a pool's worker stands on. */
export interface PoolWorkerOptions {
  readonly project: Project;
  readonly pool: string;
  readonly implementations: readonly StageImplementation[];
  readonly store: ArtifactStore;
  /** Attempts get a folder each below it. */
  readonly scratchRoot: string;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly payloadCodecs: PayloadCodec[];
  readonly registry: Registry;
  readonly log: Logger;
}

/** How long a drained attempt may take to save its checkpoint; milliseconds. */
const checkpointGraceMs = 60_000;

/**
 * A worker of the pool, not yet running. A pool with a device has a slot for each GPU; where there is none it says so
 * once and has one slot on the CPU. Other pools take what memory and processor allow.
 * @throws TrainyardError TY1107 for a handler on a pool with a device, TY1108 for two stages of one name.
 */
export async function createPoolWorker(options: PoolWorkerOptions): Promise<Worker> {
  const { project, pool, log } = options;
  const devices = project.pools[pool]?.device === undefined ? undefined : await findDevices();
  if (devices?.length === 0)
    log.warn(`pool ${pool} wants a CUDA device and this machine has none: its stages run on the CPU`);
  await sweepScratch(options.scratchRoot);
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: taskQueue(project.name, pool),
    identity: `${pool}-${process.pid}`,
    activities: activitiesOf(options, devices),
    interceptors: { activity: [stageCallInterceptor] },
    dataConverter: { payloadCodecs: options.payloadCodecs },
    tuner: devices === undefined ? roomForMany : slots(Math.max(1, devices.length)),
    // Cancellation rides on heartbeat answers: to arrive within 2 seconds they must leave every second.
    maxHeartbeatThrottleInterval: '1s',
    defaultHeartbeatThrottleInterval: '1s',
    shutdownGraceTime: 0,
    shutdownForceTime: checkpointGraceMs + 10_000,
  });
}

/** Every stage that may run here: `.with({ pool })` can send a call to another pool than its contract's. */
function activitiesOf(
  options: PoolWorkerOptions,
  devices: readonly Device[] | undefined,
): Record<string, (input: unknown) => Promise<unknown>> {
  const { project, implementations, store, scratchRoot, log } = options;
  const measure = attemptMetrics(options.registry);
  const meters = new SpendMeters(store, perHour(project.pools[options.pool]));
  const lender = devices === undefined ? {} : { devices: new DeviceSlots(devices) };
  const activities: Record<string, (input: unknown) => Promise<unknown>> = {};
  for (const implementation of implementations) {
    const { name } = implementation.contract;
    if (Object.hasOwn(activities, name))
      throw new TrainyardError('TY1108', `project ${project.name} implements two stages named "${name}"`);
    const activity = createStageActivity(implementation, {
      store,
      project,
      ...lender,
      scratchRoot,
      log,
      checkpointGraceMs,
      meters,
    });
    if (devices !== undefined && implementation.code.kind === 'handler') continue;
    activities[name] = (input) => measure(name, () => activity(input));
  }
  return activities;
}

/** An attempt takes a device, or a slot where the machine has none. */
function perHour({ device, costPerHour = 0 }: PoolOptions = {}): Spent {
  return { deviceHours: device === undefined ? 0 : 1, cost: costPerHour };
}

const bookkeeping = {
  workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
  localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
  nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
} as const;

function slots(numSlots: number): WorkerTuner {
  return { ...bookkeeping, activityTaskSlotSupplier: { type: 'fixed-size', numSlots } };
}

/** The first slots at once, then one every few milliseconds while the machine has room. */
const roomForMany: WorkerTuner = {
  ...bookkeeping,
  activityTaskSlotSupplier: {
    type: 'resource-based',
    minimumSlots: 8,
    maximumSlots: 200,
    rampThrottle: '10ms',
    tunerOptions: { targetCpuUsage: 0.9, targetMemoryUsage: 0.85 },
  },
};
