/** Where records lie under a stage key, and the tokens that order attempts. No key is a folder of another. @module */
import { randomUUID } from 'node:crypto';
import { sha256 } from '../artifacts/digest.js';
import { TrainyardError } from '../contracts/errors.js';
import { keySegment } from '../contracts/names.js';

/** What a token is made of. `scheduledMs` is the server's time (`currentAttemptScheduledTimestampMs`), so tokens grow whatever Temporal's attempt number does. */
export interface TokenParts {
  readonly generation: number;
  readonly scheduledMs: number;
  readonly attempt: number;
  /** Eight hexadecimal digits. */
  readonly nonce: string;
}

const tokenPattern = /^(\d{4})-(\d{13})-(\d{4})-([0-9a-f]{8})$/;

/** Segments are file names of at most 255 bytes in a file store; longer ids end in their digest. */
const longestSegment = 200;

/** A token with a nonce of its own. */
export function newToken(parts: Omit<TokenParts, 'nonce'>): string {
  return formatToken({ ...parts, nonce: randomUUID().slice(0, 8) });
}

/** `<generation:4>-<scheduledMs:13>-<attempt:4>-<nonce:8>`. Throws TY1303 when a part does not fit. */
export function formatToken({ generation, scheduledMs, attempt, nonce }: TokenParts): string {
  // Drained attempts are free, so there may be more than 9,999; the time before it orders them.
  const token = [pad(generation, 4), pad(scheduledMs, 13), pad(Math.min(attempt, 9_999), 4), nonce].join('-');
  parseToken(token);
  return token;
}

/** The parts of a token; throws TY1303 for anything else. */
export function parseToken(token: string): TokenParts {
  const [, generation, scheduledMs, attempt, nonce] = tokenPattern.exec(token) ?? [];
  if (nonce === undefined) throw new TrainyardError('TY1303', `"${token}" is not the token of an attempt`);
  return { generation: Number(generation), scheduledMs: Number(scheduledMs), attempt: Number(attempt), nonce };
}

/** Negative when `a` is earlier than `b`; a sort function. Tokens have fixed widths, so they also sort as strings and keys. */
export function compareTokens(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The folders of what attempts write. */
export const callKinds = ['attempts', 'checkpoints', 'metrics'] as const;

/** The folder of a stage call's records of one kind: two segments, one for the workflow id, one for `<stage>-<uuid>`. */
export function callFolder(kind: (typeof callKinds)[number], stageKey: string): string {
  const slash = stageKey.lastIndexOf('/');
  if (slash < 1 || slash === stageKey.length - 1)
    throw new TrainyardError('TY1303', `"${stageKey}" is not a stage key`);
  return `${kind}/${segment(stageKey.slice(0, slash))}/${segment(stageKey.slice(slash + 1))}/`;
}

/** The segment of a run's records in the folders of {@link callKinds}. */
export function runSegment(workflowId: string): string {
  return segment(workflowId);
}

/** Takes a key below one of {@link callKinds} apart; undefined for any other. A very long workflow id comes shortened. */
export function parseCallKey(
  key: string,
):
  | { readonly segment: string; readonly workflowId: string; readonly stage: string; readonly token: string }
  | undefined {
  const [, kind, run, call, token] = /^([^/]+)\/([^/]+)\/([^/]+)\/([^/]+)\/[^/]+$/.exec(key) ?? [];
  if (run === undefined || call === undefined || token === undefined || !tokenPattern.test(token)) return undefined;
  if (!callKinds.some((known) => known === kind)) return undefined;
  const stage = call.replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '');
  return { segment: run, workflowId: decodeURIComponent(run), stage, token };
}

/** Key of what an attempt chose to start from, in the folder of its call's checkpoints. */
export function baseKey(folder: string, token: string): string {
  return `${folder}${token}/base.json`;
}

/** Key of an attempt's record with a sequence number from 1: a checkpoint, a segment of metrics, an event of the log. */
export function sequenceKey(folder: string, token: string, seq: number): string {
  return `${folder}${token}/${pad(seq, 9)}.json`;
}

/** Takes a key of {@link baseKey} or {@link sequenceKey} apart; undefined for any other. `seq` is undefined for a base. */
export function parseRecordKey(key: string): { folder: string; token: string; seq: number | undefined } | undefined {
  const [, folder, token, name] = /^(.+\/)([^/]+)\/(base|\d{9})\.json$/.exec(key) ?? [];
  if (folder === undefined || token === undefined || !tokenPattern.test(token)) return undefined;
  return { folder, token, seq: name === 'base' ? undefined : Number(name) };
}

/** The folder of what was spent of a budget. */
export function spendFolder(scope: string): string {
  return `spend/${segment(scope)}/`;
}

/** The folder of a stage's results that may be used again. */
export function cacheFolder(stage: string): string {
  return `cache/${segment(stage)}/`;
}

/** Key of one of them. */
export function cacheEntryKey(stage: string, key: string): string {
  return `${cacheFolder(stage)}${key}.json`;
}

/** The folder of how approvals ended. */
export const decisionsFolder = 'decisions/';

/** Key of the record of an approval that ended, by its binding. */
export function decisionKey(binding: string): string {
  return `${decisionsFolder}${keySegment(binding)}.json`;
}

/** The folder of how a slice's attempts ended. */
export function sliceFolder(schedule: string, slice: string): string {
  return `slices/${segment(schedule)}/${keySegment(slice)}/`;
}

/** Key of how one of them ended; attempts count from 1. */
export function sliceKey(schedule: string, slice: string, attempt: number): string {
  return `${sliceFolder(schedule, slice)}${pad(attempt, 4)}.json`;
}

/** `heads/<kind>/<name>/`. */
export function headFolder(kind: string, name: string): string {
  return `heads/${segment(kind)}/${segment(name)}/`;
}

/** Key of a published state of a name; generations count from 1. */
export function headKey(kind: string, name: string, generation: number): string {
  return `${headFolder(kind, name)}${pad(generation, 12)}.json`;
}

function segment(name: string): string {
  const escaped = keySegment(name);
  return escaped.length <= longestSegment ? escaped : `${escaped.slice(0, 150)}-${sha256(name).slice(0, 32)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
