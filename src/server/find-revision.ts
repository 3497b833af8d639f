/** What a request's path means: a state that is served, and the revision that it names. @module */
import { mainRevision } from '../contracts/traffic.js';
import { quoted, RequestError } from './request-error.js';
import type { Revision, Revisions, Serving } from './revisions.js';

/** What an endpoint serves. @throws RequestError 404 where there is none, 503 where it, or the version, could not be loaded. */
export function findServing(revisions: Revisions, endpoint: string, version: string | undefined): Serving {
  const standing = revisions.get(endpoint);
  if (standing === undefined) throw new RequestError(404, `there is no model ${quoted(endpoint)}`);
  const { serving, failure } = standing;
  if (failure && (serving === undefined || (version === String(failure.generation) && !has(serving, version))))
    throw new RequestError(
      503,
      `model ${endpoint}: generation ${failure.generation} could not be loaded: ${failure.reason}`,
    );
  if (serving === undefined) throw new RequestError(404, `model ${endpoint} serves nothing`);
  return serving;
}

/** The revision of a version; undefined where the request names none. @throws RequestError 404 for one that is not loaded. */
export function findRevision(serving: Serving, endpoint: string, version: string | undefined): Revision | undefined {
  if (version === undefined) return undefined;
  const revision = has(serving, version) ? serving.revisions.get(Number(version)) : undefined;
  if (revision !== undefined) return revision;
  const known = [...serving.revisions.keys()].map((id) => quoted(String(id))).join(', ');
  throw new RequestError(404, `model ${endpoint} has no version ${quoted(version)}; it serves ${known}`);
}

/** The revision that answers the most requests. */
export function mainOf(serving: Serving): Revision {
  return revisionIn(serving, mainRevision(serving.traffic));
}

/** A revision that the traffic names. */
export function revisionIn({ revisions }: Serving, id: number): Revision {
  const revision = revisions.get(id);
  if (revision === undefined) throw new Error(`revision ${id} has traffic and is not loaded`); // follow loads them all
  return revision;
}

function has({ revisions }: Serving, version: string): boolean {
  return /^[1-9]\d{0,14}$/.test(version) && revisions.has(Number(version));
}
