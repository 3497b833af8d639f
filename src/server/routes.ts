/** The Open Inference Protocol v2 over HTTP, `/v2/…`, and `/metrics`. @module */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../contracts/errors.js';
import { readInferRequest, writeInferAnswer } from './infer-messages.js';
import { readBody } from './read-body.js';
import { quoted, RequestError } from './request-error.js';
import type { EndpointState, Revision, Revisions } from './revisions.js';
import type { ServerMetrics } from './server-metrics.js';
import { serverVersion } from './server-version.js';
import type { TensorSpec } from './tensors.js';

/** What the routes stand on. */
export interface RouteContext {
  readonly revisions: Revisions;
  readonly metrics: ServerMetrics;
  readonly maxBodyBytes: number;
  /** Whether every head that stood in the store at the start was followed. */
  ready(): boolean;
}

/** Answers one request; every failure becomes `{"error": …}` with a status. */
export async function answer(request: IncomingMessage, response: ServerResponse, context: RouteContext): Promise<void> {
  try {
    await route(request, response, context);
  } catch (error) {
    // A client that went away gets no answer; nobody is left to read one.
    if (!response.headersSent) sendError(response, error);
  }
}

async function route(request: IncomingMessage, response: ServerResponse, context: RouteContext): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?', 1);
  const { endpoint, version, verb } = modelPath(path);
  if (endpoint !== undefined && verb === 'infer') {
    onlyMethod(request, 'POST');
    await infer(request, response, context, endpoint, version);
    return;
  }
  onlyMethod(request, 'GET');
  if (endpoint !== undefined) {
    const revision = find(context.revisions, endpoint, version);
    const ready = verb === 'ready';
    sendJson(
      response,
      200,
      ready ? { name: endpoint, ready } : modelMetadata(revision, context.revisions.get(endpoint)),
    );
  } else if (path === '/v2' || path === '/v2/')
    sendJson(response, 200, { name: 'trainyard', version: serverVersion, extensions: ['binary_tensor_data'] });
  else if (path === '/v2/health/live') sendJson(response, 200, { live: true });
  else if (path === '/v2/health/ready') sendReadiness(response, context);
  else if (path === '/metrics') {
    const { contentType, body } = await context.metrics.text(context.revisions);
    response.writeHead(200, { 'content-type': contentType }).end(body);
  } else throw new RequestError(404, `there is nothing at ${quoted(path)}`);
}

async function infer(
  request: IncomingMessage,
  response: ServerResponse,
  context: RouteContext,
  endpoint: string,
  version: string | undefined,
): Promise<void> {
  const body = await readBody(request, context.maxBodyBytes);
  const start = performance.now();
  // From here to submit nothing waits: a swap cannot come between finding the revision and queueing at it.
  const revision = find(context.revisions, endpoint, version);
  try {
    const inferRequest = readInferRequest(body, header(request, 'inference-header-content-length'), revision.signature);
    const outputs = await revision.batcher.submit(inferRequest.inputs);
    const model = { name: endpoint, version: String(revision.generation) };
    const { body: answered, jsonBytes } = writeInferAnswer(inferRequest, outputs, model);
    if (jsonBytes === undefined) response.setHeader('content-type', 'application/json');
    else
      response
        .setHeader('content-type', 'application/octet-stream')
        .setHeader('inference-header-content-length', jsonBytes);
    response.setHeader('content-length', Buffer.byteLength(answered)).end(answered);
  } catch (error) {
    sendError(response, error);
  } finally {
    context.metrics.answered(endpoint, response.statusCode, (performance.now() - start) / 1000);
  }
}

function modelPath(path: string): { endpoint?: string; version?: string; verb?: string } {
  const [, model, version, verb] =
    /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer))?$/.exec(path) ?? [];
  if (model === undefined) return {};
  try {
    return {
      endpoint: decodeURIComponent(model),
      ...(version !== undefined && { version }),
      ...(verb !== undefined && { verb }),
    };
  } catch {
    throw new RequestError(404, `there is no model ${quoted(model)}`);
  }
}

function find(revisions: Revisions, endpoint: string, version: string | undefined): Revision {
  const state = revisions.get(endpoint);
  if (state === undefined) throw new RequestError(404, `there is no model ${quoted(endpoint)}`);
  const { serving, failure } = state;
  const failed = failure && (version === undefined ? serving === undefined : version === String(failure.generation));
  if (failed)
    throw new RequestError(
      503,
      `model ${endpoint}: generation ${failure.generation} could not be loaded: ${failure.reason}`,
    );
  if (serving === undefined || (version !== undefined && version !== String(serving.generation)))
    throw new RequestError(
      404,
      `model ${endpoint} has no version ${quoted(version)}; it serves ${quoted(String(serving?.generation))}`,
    );
  return serving;
}

function modelMetadata(revision: Revision, state: EndpointState | undefined): unknown {
  const { endpoint, generation, modelSha256, signature } = revision;
  const tensor = ({ name, datatype, shape }: TensorSpec) => ({ name, datatype, shape });
  return {
    name: endpoint,
    versions: [String(generation)],
    platform: 'onnxruntime_onnx',
    inputs: signature.inputs.map(tensor),
    outputs: signature.outputs.map(tensor),
    parameters: { model_sha256: modelSha256, ...(state?.failure && { failed_generation: state.failure }) },
  };
}

/** Ready: what stood in the store was followed, and every endpoint serves something. A failed newer generation is told beside it. */
function sendReadiness(response: ServerResponse, context: RouteContext): void {
  const states = [...context.revisions.all()];
  const failures = states.flatMap(([endpoint, { failure }]) => (failure ? [{ endpoint, ...failure }] : []));
  const idle = states.filter(([, { serving }]) => serving === undefined).map(([endpoint]) => endpoint);
  if (!context.ready()) sendJson(response, 503, { error: 'the store has not been read yet' });
  else if (idle.length > 0) sendJson(response, 503, { error: `nothing serves ${idle.join(', ')}`, failures });
  else sendJson(response, 200, { ready: true, failures });
}

function onlyMethod(request: IncomingMessage, method: 'GET' | 'POST'): void {
  if (request.method !== method && !(method === 'GET' && request.method === 'HEAD'))
    throw new RequestError(405, `${quoted(request.method)} is not allowed here, ${method} is`);
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function sendError(response: ServerResponse, error: unknown): void {
  const status = error instanceof RequestError ? error.status : 500;
  if (status === 503) response.setHeader('retry-after', 1);
  // The body was not read to its end: what follows on this connection would be taken for a request.
  if (status === 413) response.setHeader('connection', 'close');
  sendJson(response, status, { error: messageOf(error) });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}
