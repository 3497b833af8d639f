/** Who decides, as the command line knows it: a name, or the bearer of a token. @module */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { tokenChecker } from '../approvals/oidc.js';
import type { DecisionOptions } from '../client/decide.js';
import type { LoadedProject } from '../config/load-project.js';
import type { OpenApproval } from '../contracts/approvals.js';
import { TrainyardError } from '../contracts/errors.js';
import { attest } from '../records/attestations.js';
import { openSigner } from '../records/signing.js';

/** Flags of commands by which somebody decides. */
export interface DeciderFlags {
  readonly by?: string;
  readonly token?: string;
}

/** Adds {@link DeciderFlags}. */
export function withDeciderFlags(command: Command): Command {
  return command
    .option('--by <name>', 'who decides, taken on trust; default: the user of this machine')
    .option(
      '--token <token>',
      'OpenID Connect token of who decides, or @ and a file with it; default: $TRAINYARD_TOKEN',
    );
}

/** The maker of a decision on a question; with a token the signing key of the project vouches for him. Throws TY2209, TY2213, TY2214. */
export async function deciderOf(
  { project, folder }: LoadedProject,
  { by, token = process.env['TRAINYARD_TOKEN'] }: DeciderFlags,
  { binding }: OpenApproval,
): Promise<Omit<DecisionOptions, 'reason'>> {
  if (token === undefined) return { by: by ?? userInfo().username };
  if (project.identity === undefined)
    throw new TrainyardError('TY2209', `project ${project.name} names no issuer whose tokens it believes`, {
      remedy: 'Name it in trainyard.config: identity: { issuer, audience }',
    });
  const text = token.startsWith('@') ? readFileSync(token.slice(1), 'utf8') : token;
  const credential = await tokenChecker(project.identity)(text.trim());
  return { by: credential.name, attestation: attest(openSigner(folder), credential, binding) };
}
