/** The labels of an endpoint's requests: taken in a list, on disk before they are answered. @module */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { LoggedLabel } from '../records/log-tables.js';
import { findServing } from './find-revision.js';
import type { InferContext } from './infer.js';
import { readBody } from './read-body.js';
import { RequestError } from './request-error.js';
import { sendJson } from './send.js';

const mostLabels = 10_000;

const Labels = z
  .array(LoggedLabel.omit({ atMs: true }))
  .min(1)
  .max(mostLabels);

/** Takes `[{ "id": …, "label": … }]` and answers `{ "accepted": n }` when they are written down. */
export async function takeLabels(
  request: IncomingMessage,
  response: ServerResponse,
  { revisions, observer, maxBodyBytes }: InferContext,
  endpoint: string,
): Promise<void> {
  findServing(revisions, endpoint, undefined);
  const labels = parse(await readBody(request, Math.min(maxBodyBytes, 8 * 1_048_576)));
  const atMs = Date.now();
  if (!observer.log) throw new RequestError(503, 'this server has no folder to keep labels in: start it with one');
  if (
    !observer.log.append(
      'labels',
      endpoint,
      labels.map((label) => ({ ...label, atMs })),
    )
  )
    throw new RequestError(503, 'there is no room for labels until the store has taken those that wait');
  sendJson(response, 200, { accepted: labels.length });
}

function parse(body: Uint8Array): z.output<typeof Labels> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new RequestError(400, 'the labels are not JSON', { cause });
  }
  const parsed = Labels.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RequestError(
    400,
    `the labels are no list of {id, label}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  );
}
