/** What a trainer and its worker say to each other: JSON lines on descriptors of their own. See docs/trainer-protocol.md. @module */
import { z } from 'zod';
import { StopReason } from '../context/attempt-stop.js';
import { TrainyardError } from '../contracts/errors.js';
import { Ref } from '../contracts/refs.js';
import { FailureClassName } from '../records/attempt-log.js';

/** Version of the protocol; a trainer that says another one is refused. */
export const protocolVersion = 1;

/** The trainer writes to `up` and reads from `down`. `lifeline` closes when the worker dies; the trainer never sees it. */
export const descriptors = { up: 3, down: 4, lifeline: 5 } as const;

/** The longest line of the protocol, in characters. */
export const lineLimit = 8 * 1024 * 1024;

/** The environment variable with the path of the start file: a {@link Start} as JSON. */
export const startVariable = 'TRAINYARD_START';

const JsonObject = z.record(z.string(), z.json());
const requestId = z.int().nonnegative();

/** What a trainer needs to begin; secrets are environment variables and never stand here. */
export const Start = z.object({
  protocol: z.literal(protocolVersion),
  input: z.unknown(),
  seed: z.int().nonnegative(),
  scratch: z.string(),
  devices: z.array(z.int().nonnegative()),
  attempt: z.int().positive(),
  run: z.object({
    workflowId: z.string(),
    runId: z.string(),
    stage: z.string(),
    call: z.string(),
    token: z.string(),
  }),
  secrets: z.array(z.string()),
  /** Uri of the store, for a trainer that can open it. */
  store: z.string(),
  /** The newest good checkpoint, its files in a folder by the names they were saved under. */
  latest: z
    .object({
      state: z.json(),
      seq: z.int().positive(),
      attempt: z.int().positive(),
      numerics: JsonObject,
      files: z.array(z.string()),
      folder: z.string(),
    })
    .optional(),
});
export type Start = z.output<typeof Start>;

/** From the trainer to its worker. Requests carry an id, which the answer repeats. */
export const UpMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), protocol: z.int() }),
  z.object({ type: z.literal('progress'), done: z.number(), total: z.number().optional(), unit: z.string() }),
  z.object({ type: z.literal('metrics'), step: z.int().nonnegative(), values: z.record(z.string(), z.number()) }),
  z.object({ type: z.literal('params'), values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) }),
  z.object({ type: z.literal('note'), text: z.string() }),
  z.object({ type: z.literal('tracked'), kind: z.enum(['figure', 'artifact']), name: z.string(), ref: Ref }),
  z.object({
    type: z.literal('log'),
    level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
    message: z.string(),
    fields: JsonObject,
  }),
  /** Hands over files, by name, as a checkpoint; answered when it is durable. They are not changed before. */
  z.object({
    type: z.literal('checkpoint'),
    id: requestId,
    state: z.json(),
    files: z.record(z.string(), z.string()),
    numerics: JsonObject,
  }),
  /** Hands over a file; answered with its ref. With a name it is tracked as an artifact of the run. */
  z.object({ type: z.literal('put'), id: requestId, path: z.string(), name: z.string().optional() }),
  /** Asks for the bytes of a ref; answered with the path of a read-only file. */
  z.object({ type: z.literal('get'), id: requestId, ref: Ref.pick({ sha256: true, sizeBytes: true }) }),
  z.object({ type: z.literal('output'), output: z.unknown() }),
  z.object({
    type: z.literal('failure'),
    class: FailureClassName,
    message: z.string(),
    stack: z.string().optional(),
    evidence: JsonObject,
  }),
]);
export type UpMessage = z.output<typeof UpMessage>;

/** From the worker to its trainer. */
export const DownMessage = z.discriminatedUnion('type', [
  /** Save a checkpoint and end; after `graceMs` the process group is killed. */
  z.object({ type: z.literal('stop'), reason: StopReason, graceMs: z.number().nonnegative() }),
  z.object({ type: z.literal('answer'), id: requestId, value: z.json() }),
  z.object({
    type: z.literal('refusal'),
    id: requestId,
    class: FailureClassName,
    message: z.string(),
    evidence: JsonObject,
  }),
]);
export type DownMessage = z.output<typeof DownMessage>;

/** A message as the line that carries it. */
export function encodeLine(message: UpMessage | DownMessage): string {
  return `${JSON.stringify(message)}\n`;
}

/** A line as the message of `schema` that it carries; throws TY1601, quoting the line, for anything else. */
export function decodeLine<Message>(schema: z.ZodType<Message>, line: string): Message {
  const parsed = schema.safeParse(parseJson(line));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  throw new TrainyardError('TY1601', `"${quoted(line)}" is not a message${where}: ${issue?.message ?? 'unknown type'}`);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new TrainyardError('TY1601', `"${quoted(line)}" is not JSON`, { cause: error });
  }
}

function quoted(line: string): string {
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
