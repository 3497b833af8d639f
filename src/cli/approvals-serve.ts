/** `trainyard approvals serve`: the page on which people decide. @module */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { startApprovalsPage } from '../approvals/page-server.js';
import type { OidcOptions } from '../contracts/people.js';
import { assertOidc } from '../contracts/people.js';
import { openSigner, trustedKeys } from '../records/signing.js';
import { workerLog } from '../worker/worker-log.js';
import { portNumber } from './numbers.js';
import { stopRequest } from './serve.js';
import { type ProjectFlags, withProjectFlags, withSession } from './session.js';
import { write } from './store-session.js';

interface ServeFlags extends ProjectFlags {
  readonly port: number;
  readonly host: string;
  readonly origin?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientCa?: string;
  readonly oidcIssuer?: string;
  readonly audience?: string;
  readonly exitWithParent?: boolean;
}

/** Serves until SIGTERM or SIGINT. */
export function approvalsServeCommand(): Command {
  return withProjectFlags(new Command('serve'))
    .description('serve a page that shows what runs ask, with the evidence, and takes decisions')
    .option('--port <port>', '0: any free one', portNumber, 8090)
    .option('--host <address>', 'address to listen on; beyond this machine only with proof of identity', '127.0.0.1')
    .option('--origin <url>', 'where people find it, behind a proxy: https://approvals.example.com')
    .option('--tls-cert <file>', 'certificate of this server, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--client-ca <file>', 'people are who their certificates of this CA say')
    .option('--oidc-issuer <url>', "people are who tokens of this issuer say; default: the project's `identity`")
    .option('--audience <name>', 'whom such tokens must be for')
    .option('--exit-with-parent', 'stop when standard input closes')
    .addHelpText('after', '\nExample:\n  trainyard approvals serve --port 8090')
    .action(async (flags: ServeFlags, command: Command) => {
      const tls = tlsOf(flags, command);
      await withSession(flags, async ({ project, client, store }) => {
        const { name, identity } = project.project;
        const oidc = oidcOf(flags, identity);
        const { host, port, origin } = flags;
        const page = await startApprovalsPage({
          project: name,
          client,
          store,
          signer: openSigner(project.folder),
          trusted: trustedKeys(project.folder),
          log: workerLog({ project: name, pool: 'approvals' }),
          host,
          port,
          ...(origin !== undefined && { origin }),
          ...(tls && { tls }),
          ...(oidc && { oidc }),
        });
        write(`approvals of ${name} at ${page.address}`);
        await stopRequest(flags.exitWithParent ?? false);
        await page.close();
      });
    });
}

function tlsOf({ tlsCert, tlsKey, clientCa }: ServeFlags, command: Command) {
  if (tlsCert === undefined && tlsKey === undefined && clientCa === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    command.error('error: --tls-cert and --tls-key belong together, and --client-ca needs both');
  const ca = clientCa === undefined ? {} : { clientCa: readFileSync(clientCa) };
  return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey), ...ca };
}

/** What the flags say goes before what the project says. */
function oidcOf({ oidcIssuer, audience }: ServeFlags, identity: OidcOptions | undefined): OidcOptions | undefined {
  if (oidcIssuer === undefined && audience === undefined) return identity;
  const oidc = {
    ...identity,
    issuer: oidcIssuer ?? identity?.issuer ?? '',
    audience: audience ?? identity?.audience ?? '',
  };
  assertOidc(oidc);
  return oidc;
}
