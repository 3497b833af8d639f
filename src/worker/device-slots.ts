/** A worker's slots where each attempt has a GPU of its own: one for each device that is healthy. @module */
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { DeviceLender } from '../activity/stage-activity.js';
import type { Device } from './devices.js';

/** Failures of a device that take it out of the worker's slots, until the worker is started again. */
const failuresToLeave = 2;

/** After its first failure a device is lent again only after this long: the retry goes to another one if any is free; milliseconds. */
const restMs = 5_000;

/** What is known of a device. */
interface Health {
  readonly device: Device;
  failures: number;
  resting: boolean;
  lent: boolean;
}

interface Waiting {
  readonly grant: () => void;
}

/**
 * Lends devices, and gives Temporal's worker as many slots as there are devices to lend: a worker without one stops asking for work.
 * What a device did is forgotten with the process: starting the worker again puts a mended one back.
 */
export class DeviceSlots implements CustomSlotSupplier<ActivitySlotInfo>, DeviceLender {
  readonly type = 'custom';
  readonly #devices: readonly Health[];
  readonly #most: number;
  readonly #report: (device: Device, failures: number, left: number) => void;
  readonly #line = new Set<Waiting>();
  #permits = 0;

  /** @param options `most` bounds the slots where there are more devices; `report` is told of each failure, and how many devices are left. */
  constructor(
    devices: readonly Device[],
    options: {
      readonly most?: number;
      readonly report: (device: Device, failures: number, left: number) => void;
    },
  ) {
    this.#devices = devices.map((device) => ({ device, failures: 0, resting: false, lent: false }));
    this.#most = options.most ?? devices.length;
    this.#report = options.report;
  }

  /** Devices that have not been taken out. */
  get healthy(): number {
    return this.#devices.filter(isHealthy).length;
  }

  /** Attempts that may run at once now. */
  get slots(): number {
    return Math.min(this.#most, this.#devices.filter((one) => isHealthy(one) && !one.resting).length);
  }

  /** Takes the free device with the fewest failures. */
  take(): readonly number[] {
    const free = this.#devices.filter((one) => isHealthy(one) && !one.resting && !one.lent);
    const [best] = free.sort((one, other) => one.failures - other.failures);
    if (best === undefined) return [];
    best.lent = true;
    return [best.device.index];
  }

  giveBack(devices: readonly number[]): void {
    for (const one of this.#of(devices)) one.lent = false;
    this.#serve();
  }

  /** An attempt found these devices broken. */
  failed(devices: readonly number[]): void {
    for (const one of this.#of(devices)) {
      one.failures++;
      this.#report(one.device, one.failures, this.healthy);
      if (!isHealthy(one)) continue;
      one.resting = true;
      setTimeout(() => {
        one.resting = false;
        this.#serve();
      }, restMs).unref();
    }
  }

  reserveSlot(_: unknown, signal: AbortSignal): Promise<SlotPermit> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        grant: () => {
          signal.removeEventListener('abort', leave);
          resolve({});
        },
      };
      const leave = () => {
        this.#line.delete(waiting);
        reject(signal.reason as Error); // an AbortError, which is what the worker asks for
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#line.add(waiting);
      this.#serve();
    });
  }

  /** Eager activities come to workers that run their workflow: never to a pool's. */
  tryReserveSlot(): null {
    return null;
  }

  markSlotUsed(): void {
    // The attempt itself takes the device.
  }

  releaseSlot(): void {
    this.#permits--;
    this.#serve();
  }

  #serve(): void {
    for (const waiting of this.#line) {
      if (this.#permits >= this.slots) return;
      this.#line.delete(waiting);
      this.#permits++;
      waiting.grant();
    }
  }

  #of(devices: readonly number[]): Health[] {
    return this.#devices.filter(({ device }) => devices.includes(device.index));
  }
}

function isHealthy({ failures }: Health): boolean {
  return failures < failuresToLeave;
}
