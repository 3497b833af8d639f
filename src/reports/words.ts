/** Digests, times, columns and people as reports write them. @module */
import type { Actor } from '../contracts/actors.js';
import type { Column } from '../contracts/columns.js';
import type { Authorship } from '../records/signing.js';

/** The first twelve digits. */
export function shortDigest(sha256: string): string {
  return sha256.slice(0, 12);
}

/** `2026-03-01 12:00:00Z` */
export function dateOf(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)}Z`;
}

/** `month (integer), carrier (string, may be missing)` */
export function columnWords(columns: readonly Column[]): string {
  return columns.map(({ name, type, nullable }) => `${name} (${type}${nullable ? ', may be missing' : ''})`).join(', ');
}

/** `ana (claimed)`, `ana (verified: oidc https://login.example.com)` */
export function actorWords({ name, standing, how }: Actor): string {
  return `${name} (${standing}${how === undefined ? '' : `: ${how}`})`;
}

/** Who signed, in words. */
export function authorWords(author: Authorship): string {
  if (author.state === 'unsigned') return 'unsigned';
  return author.state === 'verified'
    ? `signed by key ${author.keyId}, which is trusted`
    : `signed by key ${author.keyId}, which is not among the trusted ones`;
}

/** At most six digits that count; whole numbers with all of theirs. */
export function figure(value: number | string | boolean | null): string {
  if (value === null) return '–';
  if (typeof value !== 'number') return String(value);
  return Number.isInteger(value) ? value.toLocaleString('en-US') : String(Number(value.toPrecision(6)));
}
