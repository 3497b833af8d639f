/** Forms that browsers send: read within a bound, and believed only from this page's own. @module */
import type { IncomingMessage } from 'node:http';
import { TrainyardError } from '../contracts/errors.js';
import type { Session, Sessions } from './sessions.js';

/** What tells an own form from another site's. */
interface FormContext {
  readonly session: Session;
  readonly sessions: Sessions;
  readonly isOwnOrigin: (origin: string) => boolean;
}

const mostBytes = 64 * 1024;

/**
 * The fields of a form. Throws TY2216 unless it comes from a page of this very session: browsers say which site sent a form, cookies are
 * not sent along from others, and the token in the form is one that no other site can know.
 */
export async function readForm(
  request: IncomingMessage,
  { session, sessions, isOwnOrigin }: FormContext,
  subject: string,
): Promise<URLSearchParams> {
  const { origin, 'sec-fetch-site': site = 'same-origin', 'content-type': type = '' } = request.headers;
  if (origin === undefined ? site !== 'same-origin' : !isOwnOrigin(origin))
    throw new TrainyardError('TY2216', `a form of another site (${origin ?? [site].flat().join()}) was not taken`);
  if (!type.startsWith('application/x-www-form-urlencoded')) throw new RangeError('The body is no form');
  const fields = new URLSearchParams(await bodyOf(request));
  if (!sessions.isOwnForm(session, subject, fields.get('form') ?? ''))
    throw new TrainyardError(
      'TY2216',
      'the form is not one of this session: it was open for too long, or its cookie is gone',
    );
  return fields;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes = part as Buffer; // a request without an encoding gives buffers
    size += bytes.length;
    if (size > mostBytes) throw new RangeError(`The form has more than ${mostBytes} bytes`);
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}
