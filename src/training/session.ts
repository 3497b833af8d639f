/** onnxruntime sessions, opened the one way that trains fast and repeatably. @module */
import { InferenceSession } from 'onnxruntime-node';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { Provider } from './numerics.js';

export interface Device {
  readonly provider: Provider;
  readonly threads: number;
  /** How long a thread waits awake for work before it sleeps. */
  readonly spinMicroseconds: number;
}

/** @throws TY1508 the provider's libraries are not there */
export async function openSession(model: Uint8Array, device: Device): Promise<InferenceSession> {
  const { provider, threads, spinMicroseconds } = device;
  // Left alone, threads spin for milliseconds after each operator: on a busy machine a step then takes up to five times as long.
  const spinning = { allow_spinning: spinMicroseconds > 0 ? '1' : '0', spin_duration_us: String(spinMicroseconds) };
  try {
    return await InferenceSession.create(model, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Denormal moments halve the speed of Adam; PyTorch flushes them too when asked.
      extra: { session: { set_denormal_as_zero: '1', intra_op: spinning } },
    });
  } catch (cause) {
    if (provider === 'cpu') throw cause;
    throw new TrainyardError('TY1508', `execution provider ${provider}: ${messageOf(cause)}`, { cause });
  }
}
