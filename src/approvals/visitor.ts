/** Who looks at the page: by client certificate, by a token that a proxy or a script sends, by signing in, or nobody that is known. @module */
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Bearer, CheckToken } from './oidc.js';
import type { Session } from './sessions.js';

/** What the server asks people for. Neither: names are claims. */
export interface IdentityProviders {
  readonly checkToken: CheckToken | undefined;
  /** The server takes certificates of its client CA only. */
  readonly clientCertificates: boolean;
}

/** The visitor, verified; undefined where nothing says who it is. Throws TY2213 and TY2214 for a token in the request. */
export async function visitorOf(
  request: IncomingMessage,
  session: Session,
  { checkToken, clientCertificates }: IdentityProviders,
): Promise<Bearer | undefined> {
  if (clientCertificates) return certificateBearer(request);
  const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return token !== undefined && checkToken ? checkToken(token) : session.bearer;
}

/** The subject of a certificate that the TLS handshake has verified. */
function certificateBearer({ socket }: IncomingMessage): Bearer | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { subject, valid_to } = socket.getPeerCertificate();
  // A part may be there twice, and then it is a list.
  const [name] = [subject.CN].flat();
  if (!name) return undefined;
  const words = Object.entries(subject).map(([part, value]) => `${part}=${[value].flat().join('+')}`);
  return {
    name: name.slice(0, 200),
    how: `mtls ${words.join(',')}`.slice(0, 300),
    roles: [],
    untilMs: Date.parse(valid_to),
  };
}
