/** The GPUs of this machine, found once and lent to one attempt each. @module */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A GPU as `nvidia-smi` lists it. */
export interface Device {
  readonly index: number;
  readonly name: string;
  readonly memoryMiB: number;
}

/** All GPUs, none where there is no `nvidia-smi` or it finds none. */
export async function findDevices(command = 'nvidia-smi'): Promise<Device[]> {
  const query = ['--query-gpu=index,name,memory.total', '--format=csv,noheader,nounits'];
  try {
    const { stdout } = await promisify(execFile)(command, query, { timeout: 10_000 });
    return stdout.trim().split('\n').filter(Boolean).map(parseLine);
  } catch {
    // No driver, no program: a machine without GPUs.
    return [];
  }
}

function parseLine(line: string): Device {
  const [index, name, memory] = line.split(', ');
  return { index: Number(index), name: name ?? '', memoryMiB: Number(memory) };
}

/** Lends devices to attempts: slots and devices are as many, so that a running attempt always finds one free. */
export class DeviceSlots {
  private readonly free: number[];

  constructor(devices: readonly Device[]) {
    this.free = devices.map(({ index }) => index);
  }

  /** Takes a device, none on a machine without; give it back when the attempt has ended. */
  take(): readonly number[] {
    const device = this.free.shift();
    return device === undefined ? [] : [device];
  }

  giveBack(devices: readonly number[]): void {
    this.free.push(...devices);
  }
}
