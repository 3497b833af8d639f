/** What servers counted of an endpoint's requests, by revision, in windows of seconds: what a rollout is judged by. @module */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import { keySegment } from '../contracts/names.js';
import { Histogram } from './histograms.js';
import { createRecord, readRecord } from './sealed-records.js';

/** What one server counted of one revision. Requests that named a version are left out: tests and deployments make them. */
export const RevisionCounts = z.object({
  revision: z.int().positive(),
  /** It got copies, and nobody got its answers. */
  listens: z.boolean(),
  requests: z.int().nonnegative(),
  /** Answered with a status from 400 on. */
  errors: z.int().nonnegative(),
  /** Copies that were not run, because enough waited. */
  dropped: z.int().nonnegative(),
  /** Of answers that were given, milliseconds by `durationBins`: from the complete request to the answer, or of the run alone where it listens. */
  latency: Histogram,
  /** Of runs that a request had for itself, milliseconds in ONNX Runtime by `durationBins`. Older servers do not tell it. */
  execution: Histogram.optional(),
  /** By output: its values by `outputBins`, and how many were missing. */
  outputs: z.record(z.string(), z.object({ values: Histogram, missing: z.int().nonnegative() })),
});
export type RevisionCounts = z.output<typeof RevisionCounts>;

/** What one server counted in a few seconds. */
export const TrafficWindow = z.object({
  server: z.string(),
  /** Of the endpoint's state that was served. */
  generation: z.int().positive(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  revisions: z.array(RevisionCounts),
});
export type TrafficWindow = z.output<typeof TrafficWindow>;

/** How long windows are kept. */
const keptMs = 48 * 3_600_000;

/** So many windows are read side by side. */
const readAhead = 32;

/** Publishes a window. */
export async function publishWindow(store: ArtifactStore, endpoint: string, window: TrafficWindow): Promise<void> {
  const key = `${folderOf(endpoint)}${keyTime(Date.parse(window.to))}-${randomUUID().slice(0, 8)}.json`;
  await createRecord(store, key, TrafficWindow.parse(window));
}

/** The windows that ended after a time and until another (milliseconds since 1970) and count a generation from `generation` on, in the order of their ends. */
export async function* trafficWindows(
  store: ArtifactStore,
  endpoint: string,
  options: {
    readonly sinceMs?: number;
    readonly untilMs?: number;
    readonly generation?: number;
    /** Keys of windows that are not read again. */
    readonly except?: ReadonlySet<string>;
  } = {},
): AsyncGenerator<TrafficWindow & { readonly key: string }, void, undefined> {
  const { sinceMs = 0, untilMs = Infinity, generation = 1, except } = options;
  const keys: string[] = [];
  for await (const key of store.list(folderOf(endpoint)))
    if (timeOf(key) > sinceMs && timeOf(key) <= untilMs && except?.has(key) !== true) keys.push(key);
  for (let at = 0; at < keys.length; at += readAhead) {
    const page = keys.slice(at, at + readAhead);
    const windows = page.map(async (key) => ({ key, body: (await readRecord(store, key, TrafficWindow))?.body }));
    for (const { key, body } of await Promise.all(windows))
      if (body && body.generation >= generation) yield { ...body, key };
  }
}

/** Up to when somebody has counted the windows of each server. Plain JSON. */
export type WindowCursor = Readonly<Record<string, string>>;

/** A server publishes its windows in order, and gives up those that the store has not taken for so long. */
const latestMs = 15 * 60_000;

/** The windows that a reader has not counted yet. */
export async function* windowsAfter(
  store: ArtifactStore,
  endpoint: string,
  cursor: WindowCursor,
): AsyncGenerator<TrafficWindow, void, undefined> {
  const newestMs = Object.values(cursor).reduce((newest, to) => Math.max(newest, Date.parse(to)), 0);
  for await (const window of trafficWindows(store, endpoint, { sinceMs: newestMs - latestMs }))
    if (window.to > (cursor[window.server] ?? '')) yield window;
}

/** The cursor of who has counted a window, too; servers that have been silent are forgotten. */
export function afterWindow(cursor: WindowCursor, { server, to }: TrafficWindow): WindowCursor {
  const since = new Date(Date.parse(to) - latestMs).toISOString();
  const kept = Object.entries(cursor).filter(([, until]) => until > since);
  return { ...Object.fromEntries(kept), [server]: to };
}

/** Removes windows of more than two days ago. */
export async function forgetWindows(store: ArtifactStore, endpoint: string, nowMs = Date.now()): Promise<void> {
  for await (const key of store.list(folderOf(endpoint))) {
    if (timeOf(key) > nowMs - keptMs) return; // ascending
    await store.housekeeping.removeRecord(key);
  }
}

function folderOf(endpoint: string): string {
  return `windows/${keySegment(endpoint)}/`;
}

function keyTime(ms: number): string {
  return String(ms).padStart(13, '0');
}

function timeOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('/') + 1).split('-', 1)[0]);
}
