import assert from 'node:assert/strict';
import { SignJWT } from 'jose';
import { tokenChecker } from '../../src/approvals/oidc.js';
import { type OidcProvider, startOidcProvider } from '../support/oidc-provider.js';

describe('a token of an identity provider', () => {
  let provider: OidcProvider;
  before(async () => (provider = await startOidcProvider()));
  after(() => provider.close());
  const check = async (token: string, options = {}) => {
    const found = await tokenChecker({ issuer: provider.issuer, audience: 'trainyard', ...options })(token);
    const { untilMs, ...credential } = found;
    assert.ok(untilMs > Date.now());
    return credential;
  };

  it('says who bears it, with the roles that the project asks for', async () => {
    const how = `oidc ${provider.issuer}`;
    assert.deepEqual(await check(await provider.token({ sub: 'u7' })), { name: 'u7', how, roles: [] });
    const named = await provider.token({ email: 'ada@example.com', groups: ['risk', 'ml'], roles: 'other' });
    assert.deepEqual(await check(named, { nameClaim: 'email', rolesClaim: 'groups' }), {
      name: 'ada@example.com',
      how,
      roles: ['risk', 'ml'],
    });
    assert.deepEqual((await check(named)).roles, ['other']);
  });

  it('is refused unless it is of this issuer, for this audience, in force, and names a person', async () => {
    const refused = async (token: string, message: RegExp, options = {}) =>
      assert.rejects(check(token, options), { code: 'TY2213', message });
    await refused('no.such.token', /cannot be believed/);
    await refused(await provider.token({}, true), /signature verification failed/);
    await refused(await provider.token({ aud: 'other' }), /"aud"/);
    await refused(await provider.token({ iss: 'https://other.example' }), /"iss"/);
    await refused(await provider.token({ exp: 1 }), /"exp"/);
    await refused(await provider.token({}), /has no claim email/, { nameClaim: 'email' });
    await refused(await provider.token({ email: 'a@b.c', email_verified: false }), /not verified/, {
      nameClaim: 'email',
    });
    const shared = new SignJWT({ iss: provider.issuer, aud: 'trainyard', sub: 'u' }).setProtectedHeader({
      alg: 'HS256',
    });
    await refused(await shared.sign(new TextEncoder().encode('x'.repeat(32))), /alg/);
  });

  it('cannot be checked while the issuer does not answer, and can be once it does', async () => {
    const gone = await startOidcProvider();
    const token = await gone.token({});
    gone.close();
    await assert.rejects(tokenChecker({ issuer: gone.issuer, audience: 'trainyard' })(token), {
      code: 'TY2214',
      retried: true,
    });
  });
});
