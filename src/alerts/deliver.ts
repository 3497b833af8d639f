/** Brings an alert to all sinks, each on its own: one that is down keeps no other waiting. @module */
import { type Alert, type Delivery, isAtLeast } from '../contracts/alerts.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { OpenSink } from './open-sinks.js';

/** What is known of a delivery, and what is left to do. */
export interface DeliveryOptions {
  /** Names of sinks that an earlier try has reached: they are not asked again. */
  readonly reached: readonly string[];
  /** Told of all that have been reached, after each one. */
  onReached(names: readonly string[]): void;
  readonly signal?: AbortSignal;
}

/** @throws the first passing problem, when all sinks have been tried: the same call, made again, tries those that are left. */
export async function deliver(alert: Alert, sinks: readonly OpenSink[], options: DeliveryOptions): Promise<Delivery> {
  const wanted = sinks.filter(({ atLeast }) => isAtLeast(alert.severity, atLeast));
  const reached = new Set(options.reached);
  const refused: { sink: string; problem: string }[] = [];
  const passing: unknown[] = [];
  await Promise.all(
    wanted.map(async (sink) => {
      if (reached.has(sink.name)) return;
      try {
        await sink.send(alert, options.signal);
        reached.add(sink.name);
        options.onReached([...reached]);
      } catch (error) {
        if (!(error instanceof TrainyardError) || error.retried) passing.push(error);
        else refused.push({ sink: sink.name, problem: messageOf(error) });
      }
    }),
  );
  if (passing.length > 0) throw passing[0];
  return {
    sent: wanted.map(({ name }) => name).filter((name) => reached.has(name)),
    skipped: sinks.filter((sink) => !wanted.includes(sink)).map(({ name }) => name),
    refused,
  };
}
