/** A trainer as a PyTorch script on several processes of one machine, started by torchrun; rank 0 speaks for all. @module */
import { resolve } from 'node:path';
import { pathOf, pythonEnvironment, titleOf } from './python.js';
import type { TrainerCommand } from './trainer-command.js';

/** Options of {@link torchrun}. */
export interface TorchrunOptions {
  /** A path, absolute or relative to the worker's working directory, or a file URL. */
  readonly script: string | URL;
  /** Processes on this machine, usually one for each GPU. */
  readonly processesPerNode: number;
  /** The interpreter of an environment with torch. @default 'python3' */
  readonly python?: string;
  /** Arguments of the script. */
  readonly args?: readonly string[];
}

/**
 * A script under torchrun as the trainer of a stage. Every rank calls `trainyard.start()` and sees the same input; what the
 * other ranks report is dropped.
 * @example implementStage(train).inChild(torchrun({ script: 'train_ddp.py', processesPerNode: 2 }))
 */
export function torchrun({ script, processesPerNode, python = 'python3', args = [] }: TorchrunOptions): TrainerCommand {
  const path = pathOf(script);
  return {
    program: python,
    args: ['-u', '-m', 'trainyard_torchrun', `--nproc-per-node=${processesPerNode}`, '--standalone', path, ...args],
    env: pythonEnvironment(),
    source: resolve(path),
    title: titleOf(path),
    kind: 'trainer',
  };
}
