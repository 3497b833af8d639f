/** Changes to entities, asked for by Update until they are answered: each at most once, however often it is sent. @module */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ApplicationFailure,
  type Client,
  isGrpcServiceError,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { Claim } from '../contracts/actors.js';
import { askAgain, type ChangeRequest, changeUpdate, type EntityContract } from '../contracts/entities.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { entityWorkflow, entityWorkflowId, pipelinesPool, taskQueue } from '../contracts/names.js';
import { refusedUpdate } from './refused-update.js';
import { NoTurn, Turnstile } from './turnstile.js';

/** Who asks for a change, and why. */
export interface ChangeOptions {
  readonly by: string;
  readonly reason: string;
  /** The same id twice is one change. @default a random one */
  readonly requestId?: string;
  /** Binding of the decision that allows it, where a policy asks for one. */
  readonly decision?: string;
  /** See docs/approvals.md. */
  readonly attestation?: string;
  /** How long to ask, milliseconds. @default 30,000 */
  readonly patienceMs?: number;
}

/** Where entities are asked. */
export interface EntityHost {
  readonly client: Client;
  /** The project's name. */
  readonly project: string;
}

/** Temporal takes ten Updates in flight for each workflow: from one process no more than four. */
const inFlight = new Turnstile(4);

const tryMs = 5_000;

/**
 * Asks the entity of a name for a change and gives its answer; starts the entity where there is none.
 * @throws TrainyardError what the rules or a policy refuse, by its own code; TY1914 when no worker answers in time.
 */
export async function changeEntity<State, Change, Result>(
  host: EntityHost,
  contract: EntityContract<State, Change, Result>,
  name: string,
  change: Change,
  options: ChangeOptions,
): Promise<Result> {
  const { by, reason, requestId = randomUUID(), decision, attestation, patienceMs } = options;
  const claim: Claim = { name: by, ...(attestation !== undefined && { attestation }) };
  // The contract's schema made it, and contracts survive JSON.
  const wish = change as ChangeRequest['change'];
  const request: ChangeRequest = { id: requestId, by: claim, reason, decision, change: wish };
  return contract.result.parse(await requestChange(host, contract.kind, name, request, patienceMs));
}

/** The same for a request that is made already, and whose answer is not looked at. */
export async function requestChange(
  { client, project }: EntityHost,
  kind: string,
  name: string,
  request: ChangeRequest,
  patienceMs = 30_000,
): Promise<unknown> {
  const asked = { project, kind, workflowId: entityWorkflowId(project, kind, name), request };
  const turn = asked.workflowId;
  return untilAnswered(client, `${kind} ${name}`, () => ask(client, asked), { patienceMs, turn });
}

/**
 * Asks by an Update, with an id of its own, until it is answered.
 * @param options.turn the workflow's id, where one process may ask for more than Temporal takes at a time
 * @throws TrainyardError what was refused, by its own code; TY1914 when no worker answers in time.
 */
export async function untilAnswered<Answer>(
  client: Client,
  who: string,
  call: () => Promise<Answer>,
  { patienceMs = 30_000, turn }: { readonly patienceMs?: number; readonly turn?: string } = {},
): Promise<Answer> {
  const deadline = performance.now() + patienceMs;
  const leftMs = () => Math.max(1, deadline - performance.now());
  for (let failures = 0; ; failures++) {
    try {
      const attempt = () => client.withDeadline(Date.now() + Math.min(tryMs, leftMs()), call);
      return await (turn === undefined ? attempt() : inFlight.pass(turn, leftMs(), attempt));
    } catch (error) {
      if (!isPassing(error)) throw refusalOf(error, who);
      if (performance.now() >= deadline) throw unansweredIn(patienceMs, who, error);
      await delay(Math.min(leftMs(), 1_000, 20 * 2 ** Math.min(failures, 5)) * (0.5 + Math.random()));
    }
  }
}

async function ask(
  client: Client,
  asked: {
    readonly project: string;
    readonly kind: string;
    readonly workflowId: string;
    readonly request: ChangeRequest;
  },
): Promise<unknown> {
  const { project, kind, workflowId, request } = asked;
  const update = { args: [request] as [ChangeRequest], updateId: request.id };
  try {
    // One call where the entity runs already; starting it with the Update costs the server half as much again.
    return await client.workflow.getHandle(workflowId).executeUpdate<unknown, [ChangeRequest]>(changeUpdate, update);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  const startWorkflowOperation = new WithStartWorkflowOperation(entityWorkflow(kind), {
    workflowId,
    taskQueue: taskQueue(project, pipelinesPool),
    args: [],
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: kind,
  });
  return client.workflow.executeUpdateWithStart<() => Promise<unknown>, unknown, [ChangeRequest]>(changeUpdate, {
    ...update,
    startWorkflowOperation,
  });
}

/** gRPC's RESOURCE_EXHAUSTED: among others, more Updates of one workflow than the server takes at a time. */
const resourceExhausted = 8;

/** With DEADLINE_EXCEEDED, ABORTED, UNAVAILABLE. */
const passing = new Set<number>([4, resourceExhausted, 10, 14]);

/** A FAILED_PRECONDITION that the next workflow task, or the next worker, may mend. */
const inTrouble = /Workflow Task in failed state/;

/** Failure types of an Update that its run did not decide: the server's own two say that the run ended, or went on in a new one, meanwhile. */
const unanswered = new Set<string>([askAgain, 'AcceptedUpdateCompletedWorkflow', 'UnprocessedUpdate']);

/** Whether the same request may be answered at the next try. */
function isPassing(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || error instanceof NoTurn) return true;
  // Its run ended between two calls: it goes on in a new one.
  if (error instanceof WorkflowNotFoundError) return true;
  if (error instanceof WorkflowUpdateFailedError)
    return error.cause instanceof ApplicationFailure && unanswered.has(error.cause.type ?? '');
  const { code = 0, details = '' } = grpcError(error) ?? {};
  return passing.has(code) || inTrouble.test(details);
}

function grpcError(error: unknown): { readonly code: number; readonly details: string } | undefined {
  for (let inner = error; inner instanceof Error; inner = inner.cause) if (isGrpcServiceError(inner)) return inner;
  return undefined;
}

function unansweredIn(patienceMs: number, what: string, cause: unknown): TrainyardError {
  const words = `${what} did not answer within ${Math.round(patienceMs / 1000)} s: ${messageOf(cause)}`;
  if (grpcError(cause)?.code !== resourceExhausted) return new TrainyardError('TY1914', words, { cause });
  return new TrainyardError('TY1914', words, {
    cause,
    remedy:
      'Raise history.maxInFlightUpdates of the server (docs/models.md), or ask from fewer processes; the same request id repeats it',
  });
}

/** The entity's refusal as the error that it was. */
function refusalOf(error: unknown, what: string): unknown {
  if (!(error instanceof WorkflowUpdateFailedError)) return error;
  return refusedUpdate(error) ?? new TrainyardError('TY1003', `${what}: ${messageOf(error.cause)}`, { cause: error });
}
