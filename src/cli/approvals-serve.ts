/** `trainyard approvals serve`: the page on which people decide. @module */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { startApprovalsPage } from '../approvals/page-server.js';
import { assertOidc, type OidcOptions } from '../contracts/people.js';
import { openSigner, trustedKeys } from '../records/signing.js';
import { workerLog } from '../worker/worker-log.js';
import { serveUntilStopped, type ServingFlags, withServingFlags } from './serving.js';
import { withSession } from './session.js';

interface ServeFlags extends ServingFlags {
  readonly origin?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientCa?: string;
  readonly oidcIssuer?: string;
  readonly audience?: string;
}

/** Serves until SIGTERM or SIGINT. */
export function approvalsServeCommand(): Command {
  const hostWords = 'address to listen on; beyond this machine only with proof of identity';
  return withServingFlags(new Command('serve'), 8090, hostWords)
    .description('serve a page that shows what runs ask, with the evidence, and takes decisions')
    .option('--origin <url>', 'where people find it, behind a proxy: https://approvals.example.com')
    .option('--tls-cert <file>', 'certificate of this server, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--client-ca <file>', 'people are who their certificates of this CA say')
    .option('--oidc-issuer <url>', "people are who tokens of this issuer say; default: the project's `identity`")
    .option('--audience <name>', 'whom such tokens must be for')
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
        await serveUntilStopped(page, `approvals of ${name} at ${page.address}`, flags);
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
