/** A limit on the memory of one trainer, so that one that wants too much dies alone. @module */
import { createMemoryGroup, type MemoryGroup } from './memory-groups.js';

/** How a limit is enforced. */
export interface MemoryLimit {
  readonly bytes: number;
  /**
   * `cgroup`: the kernel counts all processes of the trainer together and kills at the limit. `RLIMIT_DATA`: each process is refused what
   * it allocates beyond, which most runtimes report.
   */
  readonly by: 'cgroup v2' | 'cgroup v1' | 'RLIMIT_DATA';
  readonly group: MemoryGroup | undefined;
}

/**
 * By a control group where this process may make one, else by the resource limit on data. Not by RLIMIT_AS, which counts addresses: a
 * Node trainer reserves 1.1 GB of those when it has loaded ONNX Runtime, and 97 MB of data; below 0.5 GB V8 does not start at all.
 */
export function limitMemory(bytes: number): MemoryLimit {
  const group = createMemoryGroup(bytes);
  return { bytes, by: group ? `cgroup v${group.version}` : 'RLIMIT_DATA', group };
}
