/** `trainyard worker`: serves one pool of the project. @module */
import { Command } from 'commander';
import { loadProject } from '../config/load-project.js';
import { assertPool, runWorker } from '../worker/run-worker.js';
import { workerLog } from '../worker/worker-log.js';
import { portNumber } from './numbers.js';
import { onParentEnd } from './parent.js';
import { type ProjectFlags, withEngine, withProjectFlags } from './session.js';

interface WorkerFlags extends ProjectFlags {
  readonly pool: string;
  readonly port: number;
  readonly exitWithParent?: boolean;
}

/** Runs until a signal: the first drains, the second ends at once. */
export function workerCommand(): Command {
  return withProjectFlags(new Command('worker'))
    .description('serve a pool of the project: `pipelines`, or one that trainyard.config declares')
    .requiredOption('--pool <name>', 'the pool')
    .option('--port <port>', 'port of health and Prometheus metrics; 0: any free one', portNumber, 0)
    .option('--exit-with-parent', 'drain when standard input closes')
    .addHelpText('after', '\nExample:\n  trainyard worker --pool gpu --port 9464')
    .action(async (flags: WorkerFlags) => {
      const project = await loadProject({ folder: flags.project, environment: flags.env });
      // Before a server is looked for: a wrong name starts nothing.
      assertPool(project, flags.pool);
      const log = workerLog({ project: project.project.name, pool: flags.pool });
      const forget = flags.exitWithParent ? onParentEnd(() => process.kill(process.pid, 'SIGTERM')) : () => undefined;
      await withEngine(project, ({ connection, namespace }) =>
        runWorker({
          project,
          pool: flags.pool,
          connection,
          namespace,
          healthPort: flags.port,
          production: flags.env !== undefined,
          log,
        }),
      ).finally(forget);
    });
}
