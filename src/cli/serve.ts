/** `trainyard serve`: the model server, in a process of its own. @module */
import { join } from 'node:path';
import { Command } from 'commander';
import { openStore } from '../artifacts/open-store.js';
import { loadProject } from '../config/load-project.js';
import { trustedKeys } from '../records/signing.js';
import { startModelServer } from '../server/model-server.js';
import { workerLog } from '../worker/worker-log.js';
import { portNumber } from './numbers.js';
import { onParentEnd } from './parent.js';
import { type ProjectFlags, withProjectFlags } from './session.js';

interface ServeFlags extends ProjectFlags {
  readonly port: number;
  readonly host: string;
  readonly endpoint?: readonly string[];
  readonly advertise?: string;
  readonly requireSigned?: boolean;
  readonly exitWithParent?: boolean;
}

/** Serves what the project's deployments name, and follows them. */
export function serveCommand(): Command {
  return withProjectFlags(new Command('serve'))
    .description("serve the project's deployed models: Open Inference Protocol v2 over HTTP")
    .option('--port <port>', '0: any free one', portNumber, 8080)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--endpoint <names...>', 'serve only these; default: all')
    .option('--advertise <url>', 'the address that clients reach this server at, if not the one it listens on')
    .option('--require-signed', 'follow only what a trusted key signed (docs/model-server.md#signatures)')
    .option('--exit-with-parent', 'stop when standard input closes')
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
        ...(flags.advertise !== undefined && { advertise: flags.advertise }),
      });
      process.stdout.write(`serving ${project.project.name} at ${server.address}\n`);
      await stopRequest(flags.exitWithParent ?? false);
      await server.close();
    });
}

/** SIGTERM, SIGINT, or the end of the parent. */
export function stopRequest(exitWithParent: boolean): Promise<void> {
  return new Promise((resolve) => {
    let forget = () => {};
    const stop = () => {
      forget();
      resolve();
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
    if (exitWithParent) forget = onParentEnd(stop);
  });
}
