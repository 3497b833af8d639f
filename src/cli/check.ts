/** `trainyard check`: whether the code in the working tree can go on with what the old code began. @module */
import { join } from 'node:path';
import { Command } from 'commander';
import { DefaultLogger } from '@temporalio/worker';
import { loadProject, type LoadedProject } from '../config/load-project.js';
import { loadPipelines } from '../config/project-modules.js';
import { bundleWorkflows } from '../worker/bundle.js';
import { buildIdOf } from '../worker/versioning.js';
import { CheckReport } from './check-report.js';
import { wholeNumber } from './numbers.js';
import { replayFolder, replayLive } from './replay-runs.js';
import { type ProjectFlags, withProjectFlags } from './session.js';
import { write } from './store-session.js';

interface CheckFlags extends ProjectFlags {
  readonly replay: readonly string[];
  readonly closed: number;
  readonly allowPinned?: boolean;
  readonly json?: boolean;
}

/** Exit code 1 when a run would break. */
export function checkCommand(): Command {
  return withProjectFlags(new Command('check'))
    .description('bundle the workflows of the working tree, and replay runs against them')
    .option(
      '--replay <what>',
      '"live": every open run and a sample of closed ones; or a folder of recorded histories; may be given more than once',
      (what: string, before: readonly string[]) => [...before, what],
      [],
    )
    .option(
      '--closed <n>',
      'newest closed runs of each pipeline that "live" replays',
      (text) => wholeNumber(text, 0, 1_000),
      20,
    )
    .option(
      '--allow-pinned',
      'runs that are pinned to another build are named, and are no failure: its workers must stay',
    )
    .option('--json', 'JSON on stdout: a line for each run that would break, and the result')
    .addHelpText('after', '\nExample:\n  trainyard check --env prod --replay live --replay test/histories')
    .action(check);
}

async function check(flags: CheckFlags): Promise<void> {
  const project = await loadProject({ folder: flags.project, environment: flags.env });
  const pipelines = [...(await loadPipelines(project)).keys()];
  const bundle = await bundleWorkflows({ ...bundled(project), traced: false });
  const report = new CheckReport(buildIdOf(bundle.sha256), flags);
  if (flags.replay.length > 0) {
    const traced = await bundleWorkflows({ ...bundled(project), traced: true });
    for (const what of flags.replay)
      if (what === 'live') await replayLive({ project, traced, report, pipelines, closed: flags.closed });
      else await replayFolder({ folder: what, traced, report });
  }
  for (const line of report.end()) write(line);
  if (report.failed) process.exitCode = 1;
}

function bundled({ folder, modules }: LoadedProject) {
  const cacheFolder = join(folder, '.trainyard', 'cache', 'bundles');
  return { workflowsPath: modules.workflows, cacheFolder, logger: silent };
}

const silent = new DefaultLogger('ERROR', () => {
  // What goes wrong is thrown, too.
});
