/** Replays histories, one after the other, and finds where the code left one. @module */
import type { PayloadCodec } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { type InjectedSinks, Worker, type WorkflowBundle } from '@temporalio/worker';
import { type TracedActivation, traceSink } from '../contracts/command-trace.js';
import { commandEvents } from './command-events.js';
import { type Divergence, findDivergence } from './divergence.js';
import { problemOf } from './problem.js';
import { sourceLine } from './source-line.js';

/** A history under the workflow id that it was recorded with. */
export interface HistoryToReplay {
  readonly workflowId: string;
  readonly history: temporal.api.history.v1.IHistory;
}

/** How one history did. */
export interface ReplayResult<Item> {
  readonly item: Item;
  /** Why the code does not do what the history records; undefined when it does. */
  readonly problem: string | undefined;
  /** Where it first does not, as far as that can be told. */
  readonly divergence: Divergence | undefined;
}

/**
 * Results in the order of the histories, which are asked for one at a time. Needs no server. Core judges; what it says nothing about, the event and
 * the line, comes from laying the code's commands beside the history's events.
 * @param options.bundle of {@link bundleWorkflows} with `traced`
 */
export async function* replayHistories<Item extends HistoryToReplay>(
  items: AsyncIterable<Item> | Iterable<Item>,
  { bundle, payloadCodecs = [] }: { readonly bundle: WorkflowBundle; readonly payloadCodecs?: PayloadCodec[] },
): AsyncGenerator<ReplayResult<Item>, void, undefined> {
  let trace: TracedActivation[] = [];
  const sinks: InjectedSinks<Record<typeof traceSink, { activation(trace: TracedActivation): void }>> = {
    [traceSink]: { activation: { fn: (_info, activation) => void trace.push(activation), callDuringReplay: true } },
  };
  let current: Item | undefined;
  const fed = (async function* () {
    for await (const item of items) {
      current = item;
      trace = [];
      yield item;
    }
  })();
  const worker = { workflowBundle: bundle, sinks, dataConverter: { payloadCodecs: payloadCodecs.map(decodeOnly) } };
  for await (const { error } of Worker.runReplayHistories(worker, fed)) {
    // Histories are asked for one at a time: this is the one that was given last.
    const item = current as Item;
    yield error ? { item, ...judge(item, trace, error) } : { item, problem: undefined, divergence: undefined };
  }
}

/** What a replay encodes goes nowhere, and a guard of payloads has nothing to say about it. */
function decodeOnly(codec: PayloadCodec): PayloadCodec {
  return { encode: (payloads) => Promise.resolve(payloads), decode: (payloads) => codec.decode(payloads) };
}

function judge({ history }: HistoryToReplay, trace: readonly TracedActivation[], error: Error) {
  const type = history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '';
  const { sentence: problem, thrownAt } = problemOf(error);
  const found = findDivergence(commandEvents(history), trace, type);
  if (thrownAt === undefined) return { problem, divergence: found };
  // What the code made in that task before it threw was never concluded: the event is the first one that the task would have to make.
  const source = sourceLine(thrownAt, type) ?? found?.source;
  const { event, history: recorded } = found ?? { event: undefined, history: 'nothing more' };
  return { problem, divergence: { event, history: recorded, code: 'an error', source } };
}
