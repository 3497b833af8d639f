/** Where the code of a stage stands: the module that implements it, for stages that run in the worker. @module */
import { fileURLToPath } from 'node:url';

/** Trainyard's own code: its factories call `implementStage` on behalf of a project's module. */
const own = [new URL('../../src/', import.meta.url).href, new URL('../../activities/', import.meta.url).href];

/** Path of the module that is being evaluated now, below all calls of Trainyard's own; undefined where nothing tells. */
export function callingModule(): string | undefined {
  const { stackTraceLimit } = Error;
  const prepareStackTrace: unknown = Reflect.get(Error, 'prepareStackTrace');
  try {
    Error.stackTraceLimit = 30;
    // As text, a stack names sources where source maps are on; what runs is what was built.
    Error.prepareStackTrace = (_error, sites) => sites;
    const sites = new Error().stack as unknown as NodeJS.CallSite[];
    const files = sites.map((site) => site.getFileName() ?? '');
    const file = files.find((name) => name.startsWith('file:') && !own.some((folder) => name.startsWith(folder)));
    return file === undefined ? undefined : fileURLToPath(file);
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}
