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
      // Denormal moments halve the speed of Adam. Threads that spin between operators gain a fifth on a machine of their own
      // and take up to five times as long on one that others use too.
      extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    if (provider === 'cpu') throw cause;
    throw new TrainyardError('TY1508', `execution provider ${provider}: ${messageOf(cause)}`, { cause });
  }
}
