/** Browsers that look at the page: a cookie each, whose bearer may have signed in, and forms that only this page can have made. @module */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Bearer } from './oidc.js';

/** A browser. */
export interface Session {
  readonly id: string;
  /** Who signed in. */
  bearer: Bearer | undefined;
}

const cookieName = 'trainyard-approvals';

/** Beyond that the ones that came first have to sign in again. */
const mostSessions = 10_000;

/** Sessions in memory: they end with the process. */
export class Sessions {
  private readonly byId = new Map<string, Session>();
  private readonly key = randomBytes(32);

  /** The browser's session; a new one where it has none. */
  of(request: IncomingMessage): Session {
    const id = new RegExp(`(?:^|; )${cookieName}=([\\w-]{43})(?:;|$)`).exec(request.headers.cookie ?? '')?.[1];
    const known = id === undefined ? undefined : this.byId.get(id);
    if (known?.bearer && known.bearer.untilMs <= Date.now()) known.bearer = undefined;
    return known ?? this.create();
  }

  /** A session with a new id: whoever signs in gets one, so that nobody can have planted it. */
  create(bearer?: Bearer): Session {
    const session = { id: randomBytes(32).toString('base64url'), bearer };
    this.byId.set(session.id, session);
    const [oldest] = this.byId.keys();
    if (this.byId.size > mostSessions && oldest !== undefined) this.byId.delete(oldest);
    return session;
  }

  end({ id }: Session): void {
    this.byId.delete(id);
  }

  /** What a form about `subject` must carry; nobody else's page can know it. */
  formToken({ id }: Session, subject: string): string {
    return createHmac('sha256', this.key).update(`${id}\n${subject}`).digest('base64url');
  }

  /** Whether a form's token is that of this session and subject. */
  isOwnForm(session: Session, subject: string, token: string): boolean {
    const [own, given] = [Buffer.from(this.formToken(session, subject)), Buffer.from(token)];
    return own.length === given.length && timingSafeEqual(own, given);
  }
}

/** The header that gives a browser its session: not for scripts, not for other sites, by https only where there is https. */
export function cookieOf({ id }: Session, isSecure: boolean): string {
  return `${cookieName}=${id}; Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}
