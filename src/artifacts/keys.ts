/** Which keys a record may have, in every store: what a path traversal or a POSIX-backed server would trip over is refused. @module */
import { TrainyardError } from '../contracts/errors.js';

/** No segment starts with a dot: neither `..` nor a store's own hidden folders can be named. 255 bytes is the limit of a file name. */
const segment = /^[A-Za-z0-9_%-][A-Za-z0-9._%-]{0,254}$/;

/** S3's limit, in bytes. */
const maxKeyLength = 1024;

/** Throws TY1205 unless records may be created under `key`: `heads/models/churn/000000000001.json`. */
export function assertRecordKey(key: string): void {
  const reason = whyNotKey(key);
  if (reason !== undefined) throw new TrainyardError('TY1205', `"${key}" cannot be the key of a record: ${reason}`);
}

/** Throws TY1205 unless `prefix` is a folder of record keys: `heads/models/`. */
export function assertRecordFolder(prefix: string): void {
  const reason = prefix.endsWith('/') ? whyNotKey(prefix.slice(0, -1)) : 'it does not end in "/"';
  if (reason !== undefined) throw new TrainyardError('TY1205', `"${prefix}" cannot be listed: ${reason}`);
}

/** The error of a key that is a folder of another key, or lies below one: POSIX-backed servers answer 409. */
export function prefixRule(key: string, cause?: unknown): TrainyardError {
  return new TrainyardError('TY1205', `the key "${key}" is a folder of another key, or lies below one`, { cause });
}

function whyNotKey(key: string): string | undefined {
  if (key.length > maxKeyLength) return `it is longer than ${maxKeyLength} characters`;
  const segments = key.split('/');
  if (segments[0] === 'objects') return 'that space is kept for content';
  const wrong = segments.find((part) => !segment.test(part));
  return wrong === undefined
    ? undefined
    : `its part "${wrong}" is not made of letters, digits, "_", "%", "-" and inner dots`;
}
