/** `trainyard serve`: the model server, in a process of its own. @module */
import { join } from 'node:path';
import { Command } from 'commander';
import { openStore } from '../artifacts/open-store.js';
import { loadProject } from '../config/load-project.js';
import { trustedKeys } from '../records/signing.js';
import { startModelServer } from '../server/model-server.js';
import { workerLog } from '../worker/worker-log.js';
import { amount } from './numbers.js';
import { serveUntilStopped, type ServingFlags, withServingFlags } from './serving.js';

interface ServeFlags extends ServingFlags {
  readonly endpoint?: readonly string[];
  readonly advertise?: string;
  readonly requireSigned?: boolean;
  readonly logEvery?: number;
}

/** Serves what the project's deployments name, and follows them. */
export function serveCommand(): Command {
  return withServingFlags(new Command('serve'), 8080)
    .description("serve the project's deployed models: Open Inference Protocol v2 over HTTP")
    .option('--endpoint <names...>', 'serve only these; default: all')
    .option('--advertise <url>', 'the address that clients reach this server at, if not the one it listens on')
    .option('--require-signed', 'follow only what a trusted key signed (docs/model-server.md#signatures)')
    .option('--log-every <seconds>', 'how often the log of requests and labels goes to the store; default: 10', amount)
    .addHelpText('after', '\nExample:\n  trainyard serve --port 8080')
    .action(async (flags: ServeFlags) => {
      const project = await loadProject({ folder: flags.project, environment: flags.env });
      const log = workerLog({ project: project.project.name, pool: 'serve' });
      const store = await openStore(project.store, { baseFolder: project.folder });
      const server = await startModelServer({
        store,
        host: flags.host,
        port: flags.port,
        log,
        folder: join(project.folder, '.trainyard', 'serve'),
        trusted: trustedKeys(project.folder),
        signedOnly: flags.requireSigned ?? false,
        ...(flags.endpoint && { endpoints: flags.endpoint }),
        ...(flags.logEvery !== undefined && { logEveryMs: flags.logEvery * 1_000 }),
        ...(flags.advertise !== undefined && { advertise: flags.advertise }),
      });
      await serveUntilStopped(server, `serving ${project.project.name} at ${server.address}`, flags);
    });
}
