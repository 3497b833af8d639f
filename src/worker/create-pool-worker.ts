/** A worker for one pool: the project's stages as activities, with as many slots as the machine has room or devices. @module */
import type { PayloadCodec } from '@temporalio/common';
import { Client } from '@temporalio/client';
import {
  type FixedSizeSlotSupplier,
  type NativeConnection,
  type ResourceBasedSlotsForType,
  Worker,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { StageImplementation } from '../activity/implement-stage.js';
import { SpendMeters } from '../activity/spend-meter.js';
import { sweepScratch } from '../activity/scratch.js';
import { createStageActivity, type StageActivityOptions } from '../activity/stage-activity.js';
import { stageCallInterceptor } from '../activity/stage-call.js';
import type { ArtifactStore } from '../artifacts/store.js';
import type { Spent } from '../contracts/budget.js';
import type { PoolOptions, Project } from '../contracts/define-project.js';
import { toMilliseconds } from '../contracts/duration.js';
import { TrainyardError } from '../contracts/errors.js';
import { taskQueue } from '../contracts/names.js';
import { DeviceSlots } from './device-slots.js';
import { type Device, findDevices } from './devices.js';
import { askingEntities } from './entity-access.js';
import { makeRoom } from './make-room.js';
import { attemptMetrics, deviceMetrics } from './pool-metrics.js';
import { RunningAttempts } from './running-attempts.js';

/** What a pool's worker stands on. */
export interface PoolWorkerOptions {
  readonly project: Project;
  readonly pool: string;
  readonly implementations: readonly StageImplementation[];
  readonly store: ArtifactStore;
  /** Attempts get a folder each below it. */
  readonly scratchRoot: string;
  /** Code below it counts in the keys of cached results. @default the working directory */
  readonly projectFolder?: string;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly payloadCodecs: PayloadCodec[];
  /** Outputs that make a larger payload are refused. @default 64 KiB, as in development */
  readonly maxPayloadBytes?: number;
  readonly registry: Registry;
  readonly log: Logger;
}

/** How long a drained attempt may take to save its checkpoint; milliseconds. */
const checkpointGraceMs = 60_000;

/**
 * A worker of the pool, not yet running. A pool with a device has a slot for each GPU; where there is none it says so
 * once and has one slot on the CPU. Other pools have their `slots`, or take what memory and processor allow.
 * @throws TrainyardError TY1107 for a handler on a pool with a device, TY1108 for two stages of one name.
 */
export async function createPoolWorker(options: PoolWorkerOptions): Promise<PoolWorker> {
  const { project, pool, connection, namespace, log } = options;
  const { device, slots, yieldAfter } = project.pools[pool] ?? {};
  const found = device === undefined ? [] : await findDevices();
  if (device !== undefined && found.length === 0)
    log.warn(`pool ${pool} wants a CUDA device and this machine has none: its stages run on the CPU`);
  const devices = found.length === 0 ? undefined : lendDevices(found, slots, options);
  const attempts = new RunningAttempts();
  const counted = device === undefined ? slots : (slots ?? 1);
  await sweepScratch(options.scratchRoot);
  const identity = `${pool}-${process.pid}`;
  const client = new Client({
    connection,
    namespace,
    identity,
    dataConverter: { payloadCodecs: options.payloadCodecs },
  });
  const entities = askingEntities({ client, project: project.name });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: taskQueue(project.name, pool),
    identity,
    activities: activitiesOf(options, { turns: attempts, entities, ...(devices && { devices }) }),
    interceptors: { activity: [stageCallInterceptor] },
    dataConverter: { payloadCodecs: options.payloadCodecs },
    tuner: { ...bookkeeping, activityTaskSlotSupplier: devices ?? (counted ? fixed(counted) : roomForMany) },
    // Cancellation rides on heartbeat answers: to arrive within 2 seconds they must leave every second.
    maxHeartbeatThrottleInterval: '1s',
    defaultHeartbeatThrottleInterval: '1s',
    shutdownGraceTime: 0,
    shutdownForceTime: checkpointGraceMs + 10_000,
  });
  const run = async () => {
    const room =
      yieldAfter &&
      makeRoom({
        client,
        project: project.name,
        pool,
        afterMs: toMilliseconds(yieldAfter),
        attempts,
        slots: () => devices?.slots ?? counted ?? Infinity,
        graceMs: checkpointGraceMs,
        log,
      });
    await worker.run().finally(() => room?.stop());
  };
  const problem = () => (devices?.healthy === 0 ? noDevice(pool) : undefined);
  return { worker, run, problem };
}

/** A worker that has not lost all its devices takes work from the pool's queue. */
export interface PoolWorker {
  readonly worker: Worker;
  readonly run: () => Promise<void>;
  /** Why it takes no work although it runs; undefined while it does. */
  readonly problem: () => string | undefined;
}

function noDevice(pool: string): string {
  return `every device of this worker of pool ${pool} has failed twice: mend them and start it again`;
}

function lendDevices(
  found: readonly Device[],
  most: number | undefined,
  { pool, log, registry }: PoolWorkerOptions,
): DeviceSlots {
  const devices = new DeviceSlots(found, {
    most,
    report: ({ index, name }, failures, left) => {
      log.error(
        { device: index, name, failures, left },
        failures === 1
          ? 'a device has failed: it rests for a moment'
          : 'a device has failed again: it is left alone from now on',
      );
      if (left === 0) log.error(noDevice(pool));
    },
  });
  deviceMetrics(registry, () => devices.healthy);
  return devices;
}

/** Every stage that may run here: `.with({ pool })` can send a call to another pool than its contract's. */
function activitiesOf(
  options: PoolWorkerOptions,
  shared: Pick<StageActivityOptions, 'devices' | 'turns' | 'entities'>,
): Record<string, (input: unknown) => Promise<unknown>> {
  const { project, pool, implementations, store, scratchRoot, log } = options;
  const measure = attemptMetrics(options.registry);
  const meters = new SpendMeters(store, perHour(project.pools[pool]));
  const activities: Record<string, (input: unknown) => Promise<unknown>> = {};
  for (const implementation of implementations) {
    const { name } = implementation.contract;
    if (Object.hasOwn(activities, name))
      throw new TrainyardError('TY1108', `project ${project.name} implements two stages named "${name}"`);
    const activity = createStageActivity(implementation, {
      store,
      project,
      ...shared,
      scratchRoot,
      log,
      checkpointGraceMs,
      meters,
      projectFolder: options.projectFolder,
      maxPayloadBytes: options.maxPayloadBytes,
    });
    if (project.pools[pool]?.device !== undefined && implementation.code.kind === 'handler') continue;
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

function fixed(numSlots: number): FixedSizeSlotSupplier {
  return { type: 'fixed-size', numSlots };
}

/** The first slots at once, then one every few milliseconds while the machine has room. */
const roomForMany: ResourceBasedSlotsForType = {
  type: 'resource-based',
  minimumSlots: 8,
  maximumSlots: 200,
  rampThrottle: '10ms',
  tunerOptions: { targetCpuUsage: 0.9, targetMemoryUsage: 0.85 },
};
