/** Prometheus metrics of a pool's attempts. @module */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Counts an attempt while `run` lasts: running, duration, outcome (`completed`, or the failure's class). */
export type MeasureAttempt = <Result>(stage: string, run: () => Promise<Result>) => Promise<Result>;

/** Registers `trainyard_attempts_running`, `trainyard_attempts_total` and `trainyard_attempt_seconds`. */
export function attemptMetrics(registry: Registry): MeasureAttempt {
  const registers = [registry];
  const running = new Gauge({
    name: 'trainyard_attempts_running',
    help: 'Attempts that run now',
    labelNames: ['stage'],
    registers,
  });
  const ended = new Counter({
    name: 'trainyard_attempts_total',
    help: 'Attempts that ended',
    labelNames: ['stage', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'trainyard_attempt_seconds',
    help: 'Duration of attempts',
    labelNames: ['stage'],
    buckets: [0.1, 1, 10, 60, 600, 3_600, 36_000],
    registers,
  });
  return async (stage, run) => {
    running.inc({ stage });
    const stop = seconds.startTimer({ stage });
    try {
      const result = await run();
      ended.inc({ stage, outcome: 'completed' });
      return result;
    } catch (error) {
      ended.inc({ stage, outcome: outcomeOf(error) });
      throw error;
    } finally {
      stop();
      running.dec({ stage });
    }
  };
}

/** Registers `trainyard_devices_healthy`: devices that attempts are given. */
export function deviceMetrics(registry: Registry, healthy: () => number): void {
  new Gauge({
    name: 'trainyard_devices_healthy',
    help: 'Devices that have not been taken out of the slots after two failures',
    registers: [registry],
    collect() {
      this.set(healthy());
    },
  });
}

function outcomeOf(error: unknown): string {
  return error instanceof Error && 'type' in error && typeof error.type === 'string' ? error.type : 'cancelled';
}
