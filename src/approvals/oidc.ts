/** Tokens of an OpenID Connect provider: who bears one, checked against the provider's published keys. @module */
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { OidcOptions } from '../contracts/people.js';
import type { Credential } from '../records/attestations.js';

/** Who bears a token, and how long it is good for, milliseconds since the epoch. */
export interface Bearer extends Credential {
  readonly untilMs: number;
}

/** Says who bears a token. Throws TY2213 for one that is not to be believed, TY2214 while the provider does not answer. */
export type CheckToken = (token: string) => Promise<Bearer>;

/** Keys that only the provider has; a key that both sides share would let any of its readers make tokens. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

const patienceMs = 5_000;

/** Checks tokens of a provider, whose keys are asked for with the first one and kept. */
export function tokenChecker(oidc: OidcOptions): CheckToken {
  const { issuer, audience, nameClaim = 'sub', rolesClaim = 'roles' } = oidc;
  let keys: Promise<JWTVerifyGetKey> | undefined;
  return async (token) => {
    const key = await (keys ??= providerKeys(issuer).catch((error: unknown) => {
      keys = undefined;
      throw error;
    }));
    const payload = await verified(token, key, { issuer, audience });
    const name = z.string().min(1).max(200).safeParse(payload[nameClaim]);
    if (!name.success) throw refused(`has no claim ${nameClaim} that names a person`);
    // A provider may let people write any address of theirs; then it says whether it has checked it.
    if (nameClaim === 'email' && payload['email_verified'] === false)
      throw refused(`names an address that is not verified`);
    return {
      name: name.data,
      how: `oidc ${issuer}`.slice(0, 300),
      roles: rolesOf(payload[rolesClaim]),
      untilMs: (payload.exp ?? 0) * 1000,
    };
  };
}

async function verified(
  token: string,
  key: JWTVerifyGetKey,
  expected: { readonly issuer: string; readonly audience: string },
): Promise<JWTPayload> {
  try {
    const checks = { ...expected, algorithms, requiredClaims: ['exp', 'sub'], clockTolerance: 30 };
    return (await jwtVerify(token, key, checks)).payload;
  } catch (error) {
    if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError))
      throw unreachable(expected.issuer, error);
    throw refused(`cannot be believed: ${error.message}`, error);
  }
}

/** Where the keys are, as OpenID Connect Discovery 1.0 has it. */
async function providerKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const Discovery = z.object({ issuer: z.literal(issuer), jwks_uri: z.url() });
  try {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(patienceMs) });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    const { jwks_uri } = Discovery.parse(await response.json());
    return createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: patienceMs });
  } catch (error) {
    throw unreachable(issuer, error);
  }
}

/** Roles are a list, or words with spaces between them, as scopes are. */
function rolesOf(claim: unknown): string[] {
  const list = typeof claim === 'string' ? claim.split(/\s+/) : claim;
  const roles = z.array(z.string().min(1).max(100)).max(50).safeParse(list);
  return roles.success ? roles.data : [];
}

function refused(what: string, cause?: unknown): TrainyardError {
  return new TrainyardError('TY2213', `the token ${what}`, { cause });
}

function unreachable(issuer: string, cause: unknown): TrainyardError {
  return new TrainyardError('TY2214', `the keys of ${issuer} cannot be had: ${messageOf(cause)}`, { cause });
}
