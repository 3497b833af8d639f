/** What payloads may weigh. @module */

/** A payload above this is a bug, which fails development; bytes. */
export const maxPayloadBytes = 64 * 1024;

/** Production lets larger ones pass, but a server takes none above this unless it is told to; bytes. */
export const serverPayloadBytes = 2 * 1024 * 1024;
