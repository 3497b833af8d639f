/** `trainyard worker`: serves one pool of the project. @module */
import { Command } from 'commander';
import { loadProject } from '../config/load-project.js';
import { runWorker } from '../worker/run-worker.js';
import { workerLog } from '../worker/worker-log.js';
import { type ProjectFlags, withEngine, withProjectFlags } from './session.js';

interface WorkerFlags extends ProjectFlags {
  readonly pool: string;
  readonly port: string;
  readonly exitWithParent?: boolean;
}

/** Runs until a signal: the first drains, the second ends at once. */
export function workerCommand(): Command {
  return withProjectFlags(new Command('worker'))
    .description('serve a pool of the project: `pipelines`, or one that trainyard.config declares')
    .requiredOption('--pool <name>', 'the pool')
    .option('--port <port>', 'port of health and Prometheus metrics; 0: any free one', '0')
    .option('--exit-with-parent', 'drain when standard input closes')
    .addHelpText('after', '\nExample:\n  trainyard worker --pool gpu --port 9464')
    .action(async (flags: WorkerFlags) => {
      const project = await loadProject({ folder: flags.project, environment: flags.env });
      const log = workerLog({ project: project.project.name, pool: flags.pool });
      if (flags.exitWithParent) drainWithParent();
      await withEngine(project, ({ connection, namespace }) =>
        runWorker({
          project,
          pool: flags.pool,
          connection,
          namespace,
          healthPort: Number(flags.port),
          production: flags.env !== undefined,
          log,
        }),
      );
    });
}

/** A parent that was killed closes the pipe: without this its workers would live on for ever. */
function drainWithParent(): void {
  process.stdin
    .resume()
    .on('end', () => process.kill(process.pid, 'SIGTERM'))
    .on('error', () => process.kill(process.pid, 'SIGTERM'));
}
