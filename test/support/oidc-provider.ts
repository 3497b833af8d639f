/** An OpenID Connect provider of a test: discovery, keys, and tokens as they are asked for. @module */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** A provider that listens. */
export interface OidcProvider {
  readonly issuer: string;
  /** A token, good for a minute unless `claims` say otherwise; signed by another key where `forged`. */
  token(claims: JWTPayload, forged?: boolean): Promise<string>;
  close(): void;
}

/** Starts one on a free port of this machine. */
export async function startOidcProvider(): Promise<OidcProvider> {
  const [own, other] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const server = createServer((request, response) => {
    const body =
      request.url === '/.well-known/openid-configuration'
        ? { issuer, jwks_uri: `${issuer}/keys` }
        : request.url === '/keys'
          ? { keys: [jwk] }
          : undefined;
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    token: (claims, forged = false) =>
      new SignJWT({ iss: issuer, aud: 'trainyard', sub: 'user-1', exp: Math.floor(Date.now() / 1000) + 60, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .sign(forged ? other.privateKey : own.privateKey),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
