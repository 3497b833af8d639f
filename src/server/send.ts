/** Answers as JSON: values, and errors as the Open Inference Protocol has them. @module */
import type { ServerResponse } from 'node:http';
import { messageOf } from '../contracts/errors.js';
import { RequestError } from './request-error.js';

/** Answers with an error's status and words. */
export function sendError(response: ServerResponse, error: unknown): void {
  const status = error instanceof RequestError ? error.status : 500;
  if (status === 503) response.setHeader('retry-after', 1);
  // The body was not read to its end: what follows on this connection would be taken for a request.
  if (status === 413) response.setHeader('connection', 'close');
  sendJson(response, status, { error: messageOf(error) });
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}
