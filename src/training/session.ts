/** onnxruntime sessions, opened the one way that trains fast and repeatably. @module */
import { InferenceSession } from 'onnxruntime-node';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { withoutTelemetry } from '../onnx/without-telemetry.js';
import type { Device } from './numerics.js';

/**
 * The first session of a process decides whether its main thread takes denormal numbers for zero, in JavaScript too, as long as it lives: in a
 * trainer's process that is wanted, in a worker's, which only scores, it would change what formulas give.
 * @param denormals what becomes of them
 * @throws TY1508 the provider's libraries are not there
 */
export async function openSession(
  model: Uint8Array,
  { provider, threads }: Device,
  denormals: 'are zero' | 'are kept' = 'are zero',
): Promise<InferenceSession> {
  withoutTelemetry();
  try {
    return await InferenceSession.create(model, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Denormal moments halve the speed of Adam. Threads wait awake for the next operator, not for the next batch: on an idle
      // machine 50 µs take a step of an MLP (784-256-128-10, batch 128, Adam) from 1.6 to 1.4 ms and 200 µs gain no more; on
      // one with five times as much work as cores 50 µs cost nothing that can be measured, 500 µs double the time.
      extra: {
        session: {
          set_denormal_as_zero: denormals === 'are zero' ? '1' : '0',
          intra_op: { allow_spinning: '1', spin_duration_us: '50' },
        },
      },
    });
  } catch (cause) {
    if (provider === 'cpu') throw cause;
    throw new TrainyardError('TY1508', `execution provider ${provider}: ${messageOf(cause)}`, { cause });
  }
}
