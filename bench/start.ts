/** How long it takes to begin: importing the package, the command line's help, the workflow bundle. @module */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DefaultLogger } from '@temporalio/worker';
import { bundleWorkflows } from '../src/worker/bundle.js';
import { inPairs, type Measurement, timed } from './measurement.js';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const workflowsPath = fileURLToPath(new URL('./project/workflows.js', import.meta.url));
const samples = 9;

/** Bars: 150 ms, 300 ms; a bundle that is cached costs the reading of its inputs. */
export async function benchStart(): Promise<Measurement[]> {
  const imports = await inPairs(
    samples,
    () => importMs('trainyard'),
    () => importMs('zod'),
  );
  const help = await inPairs(
    samples,
    () => timed(() => run(process.execPath, [cli, '--help'])),
    () => timed(() => run(process.execPath, ['-e', '0'])),
  );
  const bundle = await inPairs(
    1,
    () => bundleMs({ twice: true }),
    () => bundleMs({ twice: false }),
  );
  return [
    {
      name: "import 'trainyard' (peer: 'zod')",
      value: imports.ours,
      unit: 'ms',
      peer: imports.peer,
      ratio: imports.ratio,
    },
    { name: 'trainyard --help (peer: node -e 0)', value: help.ours, unit: 'ms', peer: help.peer, ratio: help.ratio },
    {
      name: 'cached workflow bundle (peer: built)',
      value: bundle.ours,
      unit: 'ms',
      peer: bundle.peer,
      ratio: bundle.ratio,
    },
  ];
}

/** Measured inside a fresh process: without the start of node itself. */
async function importMs(specifier: string): Promise<number> {
  const code = `const from = performance.now(); await import('${specifier}'); console.log(performance.now() - from)`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  return Number(stdout);
}

/** Milliseconds of the last call: built, or found in the cache. */
async function bundleMs({ twice }: { readonly twice: boolean }): Promise<number> {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'trainyard-bench-bundles-'));
  try {
    const bundle = () => bundleWorkflows({ workflowsPath, cacheFolder, logger: new DefaultLogger('ERROR') });
    if (twice) await bundle();
    return await timed(bundle);
  } finally {
    await rm(cacheFolder, { recursive: true });
  }
}
