/**
 * Attestations: whoever checked a credential says, signed, who somebody is. The credential itself goes no further. A compact JWS (RFC 7515)
 * by the project's signing key, good for one question and a few minutes. @module
 */
import { base64url, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Actor } from '../contracts/actors.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { Signer, TrustedKeys } from './signing.js';

/** What a credential said of its bearer. */
export interface Credential {
  readonly name: string;
  /** What was checked: `oidc https://login.example.com`, `mtls CN=ada,O=Example`. */
  readonly how: string;
  readonly roles: readonly string[];
}

/** Tells attestations from other tokens by the same key. */
const type = 'trainyard-attestation+jwt';

/** Long enough for a decision to reach a busy worker. */
const lifetimeSeconds = 300;

const Claims = z.object({
  sub: z.string().min(1).max(200),
  how: z.string().min(1).max(300),
  roles: z.array(z.string().max(100)).max(50),
  about: z.string(),
});

/** States who somebody is. `about`: the binding of the approval, or the id of the request, that it is good for. */
export function attest(signer: Signer, { name, how, roles }: Credential, about: string): string {
  const issuedAt = Math.floor(Date.now() / 1000);
  const claims = { ...Claims.parse({ sub: name, how, roles, about }), iat: issuedAt, exp: issuedAt + lifetimeSeconds };
  const words = [{ alg: 'EdDSA', typ: type, kid: signer.keyId }, claims].map((part) =>
    base64url.encode(JSON.stringify(part)),
  );
  const { value } = signer.sign(words.join('.'));
  return [...words, base64url.encode(Buffer.from(value, 'base64'))].join('.');
}

/** Who somebody is, by an attestation. Throws TY2210 unless a trusted key made it for `about`, and not long ago. */
export async function readAttestation(attestation: string, about: string, trusted: TrustedKeys): Promise<Actor> {
  const refuse = (what: string, cause?: unknown) => new TrainyardError('TY2210', `the attestation ${what}`, { cause });
  try {
    const { payload } = await jwtVerify(
      attestation,
      ({ kid = '' }) => {
        const key = trusted.get(kid);
        if (key === undefined) throw refuse(`is signed with the key ${kid}, which this worker does not trust`);
        return key;
      },
      {
        algorithms: ['EdDSA'],
        typ: type,
        requiredClaims: ['sub', 'exp', 'iat'],
        maxTokenAge: lifetimeSeconds,
        clockTolerance: 30,
      },
    );
    const { sub, how, roles, about: named } = Claims.parse(payload);
    if (named !== about) throw refuse('was made for another question');
    return { name: sub, standing: 'verified', how, ...(roles.length > 0 && { roles }) };
  } catch (error) {
    if (error instanceof TrainyardError) throw error;
    if (error instanceof errors.JWTExpired) throw refuse('has expired', error);
    throw refuse(`cannot be believed: ${messageOf(error)}`, error);
  }
}
