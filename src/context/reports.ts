/** What stage code tells its attempt while it runs: in the worker a direct call, from a child process a protocol message. @module */
import type { Ref } from '../contracts/refs.js';
import type { Evidence } from './stage-failure.js';

/** Where the reports of stage code go. None waits: a report that blocks would slow the training. */
export interface AttemptReports {
  progress(done: number, total: number | undefined, unit: string): void;
  /** Finite values only. */
  metrics(step: number, values: Readonly<Record<string, number>>): void;
  params(values: Readonly<Record<string, string | number | boolean>>): void;
  note(text: string): void;
  tracked(kind: 'figure' | 'artifact', name: string, ref: Ref): void;
  log(level: LogLevel, message: string, fields: Evidence): void;
}

/** pino's levels. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
