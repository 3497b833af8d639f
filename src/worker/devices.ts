/** The GPUs of this machine, as `nvidia-smi` lists them. @module */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A GPU. */
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
