/** JSON over HTTP to a sink: bounded in time, tried again where that may help. @module */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** One request and how patient it is. */
export interface SinkRequest {
  readonly sink: string;
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  readonly patience?: Patience;
}

/** How long to wait and how often to try. */
export interface Patience {
  /** For each try, its answer included. @default 10000 */
  readonly timeoutMs?: number;
  /** 1 or more. @default 3 */
  readonly tries?: number;
  /** Before the second try, doubled with each one, each times 0.5 to 1.5, so that workers do not come back at once. @default 500 */
  readonly pauseMs?: number;
}

/** A longer wait is left to whoever sends: an attempt that sleeps holds a place. */
const longestPauseMs = 10_000;

/**
 * The answer's body; undefined where it has none or is no JSON. No redirect is followed: credentials stay with the host that they are for.
 * @throws TrainyardError TY2502 when no try got an answer or all were told to come back later, TY2503 for any other refusal.
 */
export async function requestJson(request: SinkRequest): Promise<unknown> {
  const { timeoutMs = 10_000, tries = 3, pauseMs = 500 } = request.patience ?? {};
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryOnce(request, timeoutMs);
    if ('body' in outcome) return outcome.body;
    request.signal?.throwIfAborted();
    if (!outcome.problem.retried || attempt >= tries || outcome.waitMs > longestPauseMs) throw outcome.problem;
    const pause = pauseMs * 2 ** (attempt - 1) * (0.5 + Math.random());
    await sleep(Math.max(outcome.waitMs, Math.min(pause, longestPauseMs)), undefined, { signal: request.signal });
  }
}

type Outcome = { readonly body: unknown } | { readonly problem: TrainyardError; readonly waitMs: number };

async function tryOnce({ sink, method, url, headers, body, signal }: SinkRequest, timeoutMs: number): Promise<Outcome> {
  const limits = [AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])];
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body }),
      redirect: 'manual',
      signal: AbortSignal.any(limits),
    });
    const text = await response.text();
    if (response.ok) return { body: parsed(text) };
    const what = `${sink} answered ${method} with ${response.status}: ${text.slice(0, 300) || response.statusText}`;
    const later = response.status === 408 || response.status === 429 || response.status >= 500;
    const waitMs = Number(response.headers.get('retry-after') ?? 0) * 1_000 || 0; // a date is not worth reading
    return { problem: new TrainyardError(later ? 'TY2502' : 'TY2503', what), waitMs };
  } catch (error) {
    const why = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    return { problem: new TrainyardError('TY2502', `${sink} gave no answer: ${why}`, { cause: error }), waitMs: 0 };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
