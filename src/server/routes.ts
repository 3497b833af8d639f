/** The Open Inference Protocol v2 over HTTP, `/v2/…`, and `/metrics`. @module */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { findRevision, findServing, mainOf } from './find-revision.js';
import { infer, type InferContext } from './infer.js';
import { takeLabels } from './labels.js';
import { quoted, RequestError } from './request-error.js';
import type { EndpointStanding, Revision } from './revisions.js';
import { sendError, sendJson } from './send.js';
import { serverVersion } from './server-version.js';
import type { TensorSpec } from './tensors.js';

/** What the routes stand on. */
export interface RouteContext extends InferContext {
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
    await infer(request, response, context, { endpoint, version });
    return;
  }
  if (endpoint !== undefined && verb === 'labels' && version === undefined) {
    onlyMethod(request, 'POST');
    await takeLabels(request, response, context, endpoint);
    return;
  }
  onlyMethod(request, 'GET');
  if (endpoint !== undefined) {
    const serving = findServing(context.revisions, endpoint, version);
    const revision = findRevision(serving, endpoint, version) ?? mainOf(serving);
    const ready = verb === 'ready';
    const versions = version === undefined ? [...serving.revisions.keys()] : [revision.id];
    const metadata = () => modelMetadata(revision, context.revisions.get(endpoint), versions);
    sendJson(response, 200, ready ? { name: endpoint, ready } : metadata());
  } else if (path === '/v2' || path === '/v2/')
    sendJson(response, 200, { name: 'trainyard', version: serverVersion, extensions: ['binary_tensor_data'] });
  else if (path === '/v2/health/live') sendJson(response, 200, { live: true });
  else if (path === '/v2/health/ready') sendReadiness(response, context);
  else if (path === '/metrics') {
    const { contentType, body } = await context.observer.metrics.text(context.revisions);
    response.writeHead(200, { 'content-type': contentType }).end(body);
  } else throw new RequestError(404, `there is nothing at ${quoted(path)}`);
}

function modelPath(path: string): { endpoint?: string; version?: string; verb?: string } {
  const [, model, version, verb] =
    /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer|labels))?$/.exec(path) ?? [];
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

function modelMetadata(
  revision: Revision,
  standing: EndpointStanding | undefined,
  versions: readonly number[],
): unknown {
  const { endpoint, id, modelSha256, signature } = revision;
  const tensor = ({ name, datatype, shape }: TensorSpec) => ({ name, datatype, shape });
  const { serving, failure } = standing ?? {};
  return {
    name: endpoint,
    versions: versions.map(String),
    platform: 'onnxruntime_onnx',
    inputs: signature.inputs.map(tensor),
    outputs: signature.outputs.map(tensor),
    parameters: {
      revision: id,
      model_sha256: modelSha256,
      generation: serving?.generation,
      traffic: serving?.traffic,
      ...(failure && { failed_generation: failure }),
    },
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
