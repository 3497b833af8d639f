/** Structured logs of a worker process: JSON lines on stderr, Temporal's own among them. @module */
import { DefaultLogger, type Logger as TemporalLogger } from '@temporalio/worker';
import { destination, type Logger, pino } from 'pino';

/** A logger whose lines carry `fields` (project, pool). @param level @default TRAINYARD_LOG_LEVEL, or 'info' */
export function workerLog(
  fields: Readonly<Record<string, string>>,
  level = process.env['TRAINYARD_LOG_LEVEL'] ?? 'info',
): Logger {
  return pino(
    // Temporal names what failed `error`, pino's own key is `err`.
    { level, base: fields, timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: pino.stdSerializers.err } },
    destination({ fd: 2, sync: true }),
  );
}

/** Temporal's logger on top of ours. Its INFO is about polling and shutdown states: our `debug`. */
export function temporalLogger(log: Logger): TemporalLogger {
  const levels = { TRACE: 'trace', DEBUG: 'trace', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
  return new DefaultLogger('INFO', ({ level, message, meta }) => {
    log[levels[level]]({ ...meta, taskToken: undefined }, message);
  });
}
