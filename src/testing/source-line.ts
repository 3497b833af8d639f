/** The line of a project's own code in a stack of workflow code. @module */
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isOwn } from '../contracts/names.js';

/** The folder of this package, in its sources and installed: three up from `dist/src/testing`. */
const own = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Below it: what a pipeline calls, and what wraps it. */
const rooms = ['src', 'workflows'].flatMap((room) => [room, `dist/${room}`]).map((room) => `${own}/${room}/`);

/**
 * `path:line:column` of the innermost frame that is the project's; of an entity's, that is Trainyard's. The path is relative to the working
 * directory where it lies below it.
 */
export function sourceLine(frames: readonly string[], workflowType: string): string | undefined {
  for (const frame of frames) {
    const [, path = '', place = ''] = /\(?([^\s()]+?):(\d+:\d+)\)?$/.exec(frame) ?? [];
    const file = path.replace(/^file:\/\//, '').replaceAll('\\', '/');
    if (!file.includes('/') || file.startsWith('node:')) continue;
    const isTrainyards = rooms.some((room) => file.startsWith(room));
    if (isOwn(workflowType) ? !file.includes('/src/entities/') : isTrainyards || file.includes('/node_modules/'))
      continue;
    return `${shortest(file)}:${place}`;
  }
  return undefined;
}

function shortest(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path.split(sep).join('/');
}
