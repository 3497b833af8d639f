/** Which revision answers a request: by chance, or by the request's key. @module */
import { createHash } from 'node:crypto';
import { revisionAt, type Traffic } from '../contracts/traffic.js';

/** The header whose value decides which revision answers. */
export const stickyHeader = 'x-trainyard-key';

/** The request parameter that decides where an endpoint names no other. */
const defaultParameter = 'key';

/** The key of a request, from its header or its parameters; undefined where it has none. */
export function stickyKey(
  { stickyBy = defaultParameter }: Traffic,
  header: string | undefined,
  parameters: Readonly<Record<string, unknown>>,
): string | undefined {
  if (header !== undefined && header !== '') return header;
  const value = parameters[stickyBy];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** The revision that answers: that of the key, the same on every server; without one, by chance. */
export function chooseRevision(traffic: Traffic, endpoint: string, key: string | undefined): number {
  return revisionAt(traffic, key === undefined ? Math.random() : pointOf(endpoint, key));
}

/**
 * A key's point in [0, 1): the first 48 bits of the sha256 (FIPS 180-4) of `<endpoint>\n<key>`, over 2^48. The endpoint is part of it so that
 * the same people are not the first ones everywhere.
 */
export function pointOf(endpoint: string, key: string): number {
  return createHash('sha256').update(`${endpoint}\n${key}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
