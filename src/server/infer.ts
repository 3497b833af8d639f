/** One inference request: which revision answers, its answer, and what is counted of it. @module */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { chooseRevision, stickyHeader, stickyKey } from './choose-revision.js';
import { findRevision, findServing, mainOf, revisionIn } from './find-revision.js';
import { type InferRequest, readInferRequest, writeInferAnswer } from './infer-messages.js';
import type { Observer } from './observer.js';
import { readBody } from './read-body.js';
import type { Revision, Revisions, Serving } from './revisions.js';
import { sendError } from './send.js';
import type { Tensors } from './tensors.js';

/** What inference stands on. */
export interface InferContext {
  readonly revisions: Revisions;
  readonly observer: Observer;
  readonly maxBodyBytes: number;
}

/** The header that tells which revision answered. */
const revisionHeader = 'x-trainyard-revision';

/** Answers one request, with an error's status where it fails. */
export async function infer(
  request: IncomingMessage,
  response: ServerResponse,
  context: InferContext,
  { endpoint, version }: { readonly endpoint: string; readonly version: string | undefined },
): Promise<void> {
  const body = await readBody(request, context.maxBodyBytes);
  const start = performance.now();
  // From here to submit nothing waits: a swap cannot come between finding the revision and queueing at it.
  const serving = findServing(context.revisions, endpoint, version);
  const named = findRevision(serving, endpoint, version);
  let revision = named ?? mainOf(serving);
  let asked: InferRequest | undefined;
  let outputs: Tensors | undefined;
  let executionMs: number | undefined;
  let logged: string | undefined;
  try {
    const headerLength = header(request, 'inference-header-content-length');
    const key = header(request, stickyHeader);
    if (!named && key !== undefined) revision = chosen(serving, endpoint, key);
    asked = readInferRequest(body, headerLength, revision.signature);
    if (!named && key === undefined) {
      const other = chosen(serving, endpoint, stickyKey(serving.traffic, undefined, asked.parameters));
      // Revisions of one endpoint may take different inputs.
      if (other !== revision) asked = readInferRequest(body, headerLength, (revision = other).signature);
    }
    // A batch that runs in a thread takes the inputs' buffers with it.
    const inputs = context.observer.needsInputs(serving) ? copyOf(asked.inputs) : {};
    outputs = await revision.batcher.submit(asked.inputs, (ms) => {
      executionMs = ms;
    });
    const logs = named === undefined && context.observer.samples(serving);
    const id = asked.id ?? (logs ? randomUUID() : undefined);
    asked = { ...asked, id, inputs };
    const model = { name: endpoint, version: String(revision.id) };
    const { body: answered, jsonBytes } = writeInferAnswer(asked, outputs, model);
    if (logs && id !== undefined) {
      const { generation } = serving;
      const { batchable } = revision.signature;
      const latencyMs = performance.now() - start;
      context.observer.write(endpoint, serving, {
        id,
        revision: revision.id,
        generation,
        latencyMs,
        batchable,
        inputs,
        outputs,
      });
      logged = id;
    }
    if (jsonBytes === undefined) response.setHeader('content-type', 'application/json');
    else
      response
        .setHeader('content-type', 'application/octet-stream')
        .setHeader('inference-header-content-length', jsonBytes);
    response
      .setHeader(revisionHeader, revision.id)
      .setHeader('content-length', Buffer.byteLength(answered))
      .end(answered);
  } catch (error) {
    sendError(response, error);
  } finally {
    const { statusCode: status } = response;
    const ms = performance.now() - start;
    const answer = { revision, named: named !== undefined, status, ms, executionMs, asked, outputs, logged };
    context.observer.answered({ endpoint, serving, ...answer });
  }
}

function chosen(serving: Serving, endpoint: string, key: string | undefined): Revision {
  const { shares } = serving.traffic;
  const [only] = shares;
  if (only !== undefined && shares.length === 1) return revisionIn(serving, only.revision);
  return revisionIn(serving, chooseRevision(serving.traffic, endpoint, key));
}

function copyOf(tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { datatype, shape, data }]) => [
      name,
      { datatype, shape, data: data instanceof Uint8Array ? data.slice() : data },
    ]),
  );
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
