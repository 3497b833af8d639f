/** A trainer as a Python script: plain `python3`, no packages; `import trainyard` finds the helper shipped beside this file. @module */
import { delimiter, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrainerCommand } from './trainer-command.js';

/** Options of {@link python}. */
export interface PythonOptions {
  /** A path, absolute or relative to the worker's working directory, or a file URL. */
  readonly script: string | URL;
  /** The interpreter, that of a virtual environment for instance. @default 'python3' */
  readonly python?: string;
  /** Arguments of the script. */
  readonly args?: readonly string[];
}

/**
 * A Python script as the trainer of a stage.
 * @example implementStage(train).inChild(python({ script: 'train.py' }))
 */
export function python({ script, python = 'python3', args = [] }: PythonOptions): TrainerCommand {
  const path = pathOf(script);
  return {
    program: python,
    args: ['-u', path, ...args],
    env: pythonEnvironment(),
    source: resolve(path),
    title: titleOf(path),
    kind: 'trainer',
  };
}

// The compiler copies no Python: from dist/src/trainer to the sources that the package ships beside dist.
const helperFolder = fileURLToPath(new URL('../../../src/trainer/python', import.meta.url));

/** The variables under which a Python process finds `trainyard.py` and leaves no compiled files beside it. */
export function pythonEnvironment(): Record<string, string> {
  const inherited = process.env.PYTHONPATH;
  return {
    PYTHONPATH: inherited ? `${helperFolder}${delimiter}${inherited}` : helperFolder,
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** The path of a script given as a path or as a file URL. */
export function pathOf(script: string | URL): string {
  return script instanceof URL ? fileURLToPath(script) : script;
}

/** The last part of a path. */
export function titleOf(path: string): string {
  return path.split('/').at(-1) ?? path;
}
