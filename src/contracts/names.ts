/** Task queues, workflow ids and store keys: the only place where they are made. @module */
import { TrainyardError } from './errors.js';

/** The activity header that carries a stage call: which logical call an attempt belongs to. */
export const stageCallHeader = 'trainyard-stage-call';

/** The pool whose workers run the pipelines themselves. */
export const pipelinesPool = 'pipelines';

/** Temporal task queue of a pool: `<project>/<pool>`. */
export function taskQueue(project: string, pool: string): string {
  return `${project}/${pool}`;
}

/** Keyword search attributes of a run. A run works without them, and nothing is decided from a list that uses them. */
export const searchAttributeNames = ['TyProject', 'TyPipeline'] as const;

/** The project of a task queue. */
export function projectOf(queue: string): string {
  return queue.slice(0, queue.indexOf('/'));
}

/** Workflow ids carry the project: `<project>/<id>`; an id that already does is left alone. */
export function workflowIdOf(project: string, id: string): string {
  return id.startsWith(`${project}/`) ? id : `${project}/${id}`;
}

/** The same for a run that is to be started; throws TY1006 for an id of Trainyard's own. */
export function newWorkflowIdOf(project: string, id: string): string {
  const workflowId = workflowIdOf(project, id);
  if (workflowId.startsWith(`${project}/${ownIds}`))
    throw new TrainyardError('TY1006', `the workflow id ${workflowId} is kept for Trainyard's own workflows`, {
      remedy: 'Give the run another id',
    });
  return workflowId;
}

/** The Workflow type of a tenant's queue: no pipeline can be called so. */
export const tenantWorkflow = 'trainyard:tenant';

/** The Workflow type of a claim: one call makes a result that others wait for. */
export const claimWorkflow = 'trainyard:claim';

/** Signal to a claim: its call has ended. */
export const releaseClaimSignal = 'trainyard-release-claim';

/** Memo field of a claim: the call that has it. */
export const claimMemo = 'trainyard-claim';

/** Workflow id of a claim on a cache key. */
export function claimId(project: string, key: string): string {
  return `${project}/${ownIds}cache/${key}`;
}

/** The Workflow type of a part of a map. */
export const mapWorkflow = 'trainyard:map';

/** Whether a Workflow or Activity type is Trainyard's own, and no pipeline or stage: those have no colon. */
export function isOwn(type: string): boolean {
  return type.startsWith('trainyard:');
}

/** Workflow id of a tenant's queue: `<project>/trainyard:tenants/<tenant>`; a run cannot have such an id. */
export function tenantWorkflowId(project: string, tenant: string): string {
  return `${project}/${ownIds}tenants/${tenant}`;
}

/** The Workflow type of a claim to make room in a pool: no worker runs it. */
export const yieldClaimWorkflow = 'trainyard:yield';

/** Workflow id of the n-th claim of a pool. */
export function yieldClaimId(project: string, pool: string, number: number): string {
  return `${project}/${ownIds}yields/${pool}/${number}`;
}

/** The Workflow type of the entities of a kind. */
export function entityWorkflow(kind: string): string {
  return `${ownIds}${kind}`;
}

/** Workflow id of the entity of a name: `<project>/trainyard:<kind>/<name>`. */
export function entityWorkflowId(project: string, kind: string, name: string): string {
  return `${project}/${ownIds}${kind}/${name}`;
}

/** The name of an entity, from its workflow id. */
export function entityName(workflowId: string, kind: string): string {
  const prefix = `/${ownIds}${kind}/`;
  return workflowId.slice(workflowId.indexOf(prefix) + prefix.length);
}

/** The Workflow type of a schedule's ticks. */
export const tickWorkflow = 'trainyard:tick';

/** Id of a Temporal schedule: `<project>/<name>`. */
export function scheduleIdOf(project: string, name: string): string {
  return workflowIdOf(project, name);
}

/** Workflow id of a schedule's ticks, to which Temporal appends the time. */
export function tickId(project: string, schedule: string): string {
  return `${project}/${ownIds}ticks/${schedule}`;
}

/** A slice is called by its time, in UTC: `2026-03-29T00:30:00Z`. */
export function sliceId(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

/** Workflow id of the run of a slice: `<project>/<schedule>/<slice>`. */
export function sliceRunId(project: string, schedule: string, slice: string): string {
  return `${project}/${schedule}/${slice}`;
}

/** Workflow id of a round of a loop, or of a look of a monitor: `<project>/<name>/<number>`. */
export function roundRunId(project: string, name: string, round: number): string {
  return `${project}/${name}/${String(round).padStart(6, '0')}`;
}

const ownIds = 'trainyard:';

/** Key of an object by its digest, below no other key: a POSIX-backed store refuses a key that is another one's folder. */
export function objectKey(sha256: string): string {
  return `objects/sha256/${sha256.slice(0, 2)}/${sha256}`;
}

/** The uri of an object in whichever store holds it. */
export function objectUri(sha256: string): string {
  return `artifact://sha256/${sha256}`;
}

/** One segment of a store key: anything but letters, digits, `-`, `_` and inner dots is percent-encoded, so that ids cannot escape. */
export function keySegment(name: string): string {
  return encodeURIComponent(name)
    .replace(/[!'()*~]/g, percent)
    .replace(/^\./, '%2E');
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Throws TY1006 unless `name` can stand in a task queue, a search attribute and a metric's label. */
export function assertName(kind: string, name: string): void {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(name))
    throw new TrainyardError('TY1006', `${kind} "${name}" is not a valid name`);
}
