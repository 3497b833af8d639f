/** The workflow bundle: built once, cached by the content of every file that went into it. @module */
import { createHash, randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type BundleOptions, type Logger, type WorkflowBundle } from '@temporalio/worker';
import { z } from 'zod';
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** A bundle and its digest, which is the build id of the workers that run it. */
export interface CachedBundle extends WorkflowBundle {
  readonly sha256: string;
  /** Whether the cache had it. */
  readonly cached: boolean;
}

/** What a cached bundle was made of: digests of its input files, by path. */
const Recipe = z.object({ inputs: z.record(z.string(), z.string()), sha256: z.string() });

/** The interceptor module that every bundle carries. */
export const interceptorModule = fileURLToPath(new URL('../workflow/headers.js', import.meta.url));

/** The module that becomes the bundle: the user's workflows and Trainyard's own. */
const entry = fileURLToPath(new URL('../entities/bundle-entry.js', import.meta.url));

/** In the bundle that `trainyard check` replays, after the others. */
const traceModule = fileURLToPath(new URL('../workflow/trace-commands.js', import.meta.url));
const deepStacks = fileURLToPath(new URL('../workflow/deep-stacks.js', import.meta.url));

/** What the runs of a worker share, zod above all: 10 ms of each run's processor time. */
const sharedModules = fileURLToPath(new URL('../workflow/shared-modules.js', import.meta.url));

const workerVersion = (createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string })
  .version;

/** What is bundled. */
export interface BundleRequest {
  readonly workflowsPath: string;
  readonly logger: Logger;
  /** For replays: the code also tells where it makes each command, and has another digest than a worker's. @default false */
  readonly traced?: boolean;
}

/**
 * The bundle of the workflows at `workflowsPath`; at most one per content in `cacheFolder`, which may be deleted at any
 * time. Throws TY1106 when the workflows do not bundle.
 */
export async function bundleWorkflows(
  options: BundleRequest & { readonly cacheFolder: string },
): Promise<CachedBundle> {
  const parts = [options.workflowsPath, interceptorModule, sharedModules, workerVersion];
  const name = digest(JSON.stringify(options.traced ? [...parts, traceModule] : parts)).slice(0, 16);
  const recipeFile = join(options.cacheFolder, `${name}.json`);
  const cached = await fromCache(recipeFile, options.cacheFolder);
  if (cached !== undefined) return cached;

  const inputs = new Set<string>();
  const bundle = await buildBundle(options, inputs);
  const sha256 = digest(bundle.code);
  await mkdir(options.cacheFolder, { recursive: true });
  await writeWhole(join(options.cacheFolder, `${sha256}.js`), bundle.code);
  await writeWhole(recipeFile, JSON.stringify({ inputs: await digests(inputs), sha256 }));
  return { ...bundle, sha256, cached: false };
}

async function fromCache(recipeFile: string, folder: string): Promise<CachedBundle | undefined> {
  try {
    const recipe = Recipe.parse(JSON.parse(await readFile(recipeFile, 'utf8')));
    const now = await digests(Object.keys(recipe.inputs));
    if (JSON.stringify(now) !== JSON.stringify(recipe.inputs)) return undefined;
    const code = await readFile(join(folder, `${recipe.sha256}.js`), 'utf8');
    return digest(code) === recipe.sha256 ? { code, sha256: recipe.sha256, cached: true } : undefined;
  } catch {
    // No recipe, or a damaged one: build anew.
    return undefined;
  }
}

/** The same without a cache; adds the files that went into it to `inputs`. Throws TY1106. */
export async function buildBundle(
  { workflowsPath, logger, traced = false }: BundleRequest,
  inputs = new Set<string>(),
): Promise<WorkflowBundle> {
  const errors: string[] = [];
  const own = withOwnWorkflows(workflowsPath);
  try {
    return await bundleWorkflowCode({
      workflowsPath: own.workflowsPath,
      logger,
      workflowInterceptorModules: [interceptorModule, ...(traced ? [traceModule] : [])],
      preloadModules: [sharedModules, ...(traced ? [deepStacks] : [])],
      webpackConfigHook: (config) => {
        const extended = own.webpackConfigHook(config);
        return { ...extended, plugins: [...(extended.plugins ?? []), listen(inputs, errors)] };
      },
    });
  } catch (error) {
    // What is thrown says only that there are errors; the errors themselves name the file and the import.
    const why = errors.length > 0 ? errors.join('; ') : messageOf(error);
    throw new TrainyardError('TY1106', `the workflows at ${workflowsPath} do not bundle: ${why}`, { cause: error });
  }
}

/** The user's workflows and Trainyard's own in one bundle. */
function withOwnWorkflows(workflowsPath: string): {
  readonly workflowsPath: string;
  readonly webpackConfigHook: (config: WebpackConfig) => WebpackConfig;
} {
  return {
    workflowsPath: entry,
    webpackConfigHook: (config) => {
      // Temporal's own configuration: an object. A trailing $ means "this very name".
      const alias = { ...(config.resolve?.alias as object), 'trainyard-user-workflows$': workflowsPath };
      return { ...config, resolve: { ...config.resolve, alias } };
    },
  };
}

type WebpackConfig = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];
type WebpackPlugin = NonNullable<WebpackConfig['plugins']>[number];

/** Webpack knows each file that it read; the entry point itself is virtual and stands in no folder. */
function listen(inputs: Set<string>, errors: string[]): WebpackPlugin {
  return (compiler) => {
    compiler.hooks.done.tap('trainyard', ({ compilation }) => {
      for (const { message } of compilation.errors.slice(0, 3)) errors.push(message.split('\n', 1).join());
    });
    compiler.hooks.afterEmit.tap('trainyard', (compilation) => {
      for (const file of compilation.fileDependencies)
        if (statSync(file, { throwIfNoEntry: false })?.isFile()) inputs.add(file);
    });
  };
}

async function digests(files: Iterable<string>): Promise<Record<string, string>> {
  const entries = [...files].sort().map(async (file) => [file, digest(await readFile(file))] as const);
  return Object.fromEntries(await Promise.all(entries));
}

function digest(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`; // two may be at it, also in one process
  await writeFile(temporary, text);
  await rename(temporary, file);
}
