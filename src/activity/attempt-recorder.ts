/** Takes the reports of stage code: curves and events go to the store, progress to the heartbeats and the stall clock. @module */
import type { Logger } from 'pino';
import type { AttemptReports } from '../context/reports.js';
import type { Progress } from '../contracts/envelope.js';
import { messageOf } from '../contracts/errors.js';
import type { AttemptEvent, AttemptLog } from '../records/attempt-log.js';
import type { MetricsWriter } from '../records/metrics-segments.js';
import { shortened, shortenedEvidence } from './shortened.js';

/** What a heartbeat carries is a hint: one that is too long for a payload would be no sign of life. Characters. */
const longestHint = 500;

/** The reports of one attempt. */
export class AttemptRecorder implements AttemptReports {
  readonly #log: AttemptLog;
  readonly #metrics: MetricsWriter;
  readonly #logger: Logger;
  #progress: Progress = { done: 0, unit: 'steps' };
  #aliveAt = performance.now();
  /** Events are written in the order in which they were told. */
  #written: Promise<void> = Promise.resolve();

  constructor(options: { readonly log: AttemptLog; readonly metrics: MetricsWriter; readonly logger: Logger }) {
    this.#log = options.log;
    this.#metrics = options.metrics;
    this.#logger = options.logger;
  }

  /** What a heartbeat carries now. */
  get current(): Progress {
    return this.#progress;
  }

  /** Milliseconds since the last progress, point or checkpoint. */
  get silentMs(): number {
    return performance.now() - this.#aliveAt;
  }

  progress(done: number, total: number | undefined, unit: string): void {
    this.alive();
    const { checkpoint, note } = this.#progress;
    this.#progress = { done, total, unit: shortened(unit, longestHint), checkpoint, note };
  }

  metrics(step: number, values: Readonly<Record<string, number>>): void {
    this.alive();
    this.#metrics.add(step, values);
  }

  params(values: Readonly<Record<string, string | number | boolean>>): void {
    this.#write({ event: 'params', values: { ...values } });
  }

  note(text: string): void {
    this.#progress = { ...this.#progress, note: shortened(text, longestHint) };
    this.#write({ event: 'note', text });
  }

  /** A note that the worker's log shows too. */
  warn(text: string): void {
    this.#logger.warn(text);
    this.note(text);
  }

  tracked(...[kind, name, ref]: Parameters<AttemptReports['tracked']>): void {
    this.#write({ event: 'tracked', kind, name, ref });
  }

  log(...[level, message, fields]: Parameters<AttemptReports['log']>): void {
    this.#logger[level](shortenedEvidence(fields), shortened(message));
  }

  /** The attempt goes on from a checkpoint. */
  resumed({ key, step }: { readonly key: string; readonly step: number | undefined }): void {
    this.#progress = {
      ...this.#progress,
      checkpoint: key,
      note: step === undefined ? 'resumed' : `resumed at step ${step}`,
    };
  }

  /** A checkpoint is durable under this key. */
  saved(key: string): void {
    this.alive();
    this.#progress = { ...this.#progress, checkpoint: key };
  }

  /** Sets the stall clock back. */
  alive(): void {
    this.#aliveAt = performance.now();
  }

  /** Resolves when all that was told is in the store; an event that could not be written was said in the worker's log. */
  async flush(): Promise<void> {
    await Promise.all([this.#written, this.#metrics.flush()]);
  }

  #write(event: AttemptEvent): void {
    this.#written = this.#written
      .then(() => this.#log.append(event))
      .catch((error: unknown) => {
        this.#logger.warn({ event: event.event, reason: messageOf(error) }, 'an event of the attempt was not recorded');
      });
  }
}
