/** The workflow bundle: built once, cached by the content of every file that went into it. @module */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { z } from 'zod';
import { messageOf, TrainyardError } from '../contracts/errors.js';
/** What a cached bundle was made of: digests of its input files, by path. */
const Recipe = z.object({ inputs: z.record(z.string(), z.string()), sha256: z.string() });
/** The interceptor module that every bundle carries. */
export const interceptorModule = fileURLToPath(new URL('../workflow/headers.js', import.meta.url));
const workerVersion = createRequire(import.meta.url)('@temporalio/worker/package.json')
    .version;
/**
 * The bundle of the workflows at `workflowsPath`; at most one per content in `cacheFolder`, which may be deleted at any
 * time. Throws TY1106 when the workflows do not bundle.
 */
export async function bundleWorkflows(options) {
    const name = digest(JSON.stringify([options.workflowsPath, interceptorModule, workerVersion])).slice(0, 16);
    const recipeFile = join(options.cacheFolder, `${name}.json`);
    const cached = await fromCache(recipeFile, options.cacheFolder);
    if (cached !== undefined)
        return cached;
    const inputs = new Set();
    const bundle = await build(options, inputs);
    const sha256 = digest(bundle.code);
    await mkdir(options.cacheFolder, { recursive: true });
    await writeWhole(join(options.cacheFolder, `${sha256}.js`), bundle.code);
    await writeWhole(recipeFile, JSON.stringify({ inputs: await digests(inputs), sha256 }));
    return { ...bundle, sha256, cached: false };
}
async function fromCache(recipeFile, folder) {
    try {
        const recipe = Recipe.parse(JSON.parse(await readFile(recipeFile, 'utf8')));
        const now = await digests(Object.keys(recipe.inputs));
        if (JSON.stringify(now) !== JSON.stringify(recipe.inputs))
            return undefined;
        const code = await readFile(join(folder, `${recipe.sha256}.js`), 'utf8');
        return digest(code) === recipe.sha256 ? { code, sha256: recipe.sha256, cached: true } : undefined;
    }
    catch {
        // No recipe, or a damaged one: build anew.
        return undefined;
    }
}
async function build({ workflowsPath, logger }, inputs) {
    try {
        return await bundleWorkflowCode({
            workflowsPath,
            logger,
            workflowInterceptorModules: [interceptorModule],
            webpackConfigHook: (config) => ({ ...config, plugins: [...(config.plugins ?? []), collectInputs(inputs)] }),
        });
    }
    catch (error) {
        throw new TrainyardError('TY1106', `the workflows at ${workflowsPath} do not bundle: ${messageOf(error)}`, {
            cause: error,
        });
    }
}
/** Webpack knows each file that it read; the entry point itself is virtual and stands in no folder. */
function collectInputs(inputs) {
    return (compiler) => {
        compiler.hooks.afterEmit.tap('trainyard', (compilation) => {
            for (const file of compilation.fileDependencies)
                if (statSync(file, { throwIfNoEntry: false })?.isFile())
                    inputs.add(file);
        });
    };
}
async function digests(files) {
    const entries = [...files].sort().map(async (file) => [file, digest(await readFile(file))]);
    return Object.fromEntries(await Promise.all(entries));
}
function digest(bytes) {
    return createHash('sha256').update(bytes).digest('hex');
}
async function writeWhole(file, text) {
    const temporary = `${file}.${process.pid}.tmp`;
    await writeFile(temporary, text);
    await rename(temporary, file);
}
//# sourceMappingURL=bundle.js.map