/** One spelling for each JSON value, so that equal values have equal digests. @module */
import type { Json } from './json-schema.js';

/**
 * Keys sorted by UTF-16 code units, no white space, numbers as ECMAScript writes them: RFC 8785 (JCS).
 * Properties that are undefined are left out, as `JSON.stringify` does.
 */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
