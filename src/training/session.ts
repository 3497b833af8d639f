/** onnxruntime sessions, opened the one way that trains fast and repeatably. @module */
import { InferenceSession } from 'onnxruntime-node';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { Provider } from './numerics.js';

/** @throws TY1508 the provider's libraries are not there */
export async function openSession(
  model: Uint8Array,
  { provider, threads }: { readonly provider: Provider; readonly threads: number },
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Denormal moments halve the speed of Adam. Threads may wait for the next operator awake, but not for the next batch:
      // 200 µs give a step of 1.6 ms instead of 1.9 (no spinning) for the same CPU time; unbounded spinning takes a core.
      extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '1', spin_duration_us: '200' } } },
    });
  } catch (cause) {
    if (provider === 'cpu') throw cause;
    throw new TrainyardError('TY1508', `execution provider ${provider}: ${messageOf(cause)}`, { cause });
  }
}
