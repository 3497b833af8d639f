/** The fixtures that PyTorch made, and how close to them is close enough. @module */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

export interface PackedTensor {
  readonly dtype: 'float32' | 'int64';
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** `name` lies in test/training/fixtures; what it holds is as make_gradients.py writes it. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(`test/training/fixtures/${name}`, 'utf8'));
}

export function typedArray({ dtype, data }: PackedTensor): Float32Array | BigInt64Array {
  return dtype === 'float32' ? Float32Array.from(data) : BigInt64Array.from(data, BigInt);
}

export function tensor(packed: PackedTensor): Tensor {
  const data = typedArray(packed);
  return data instanceof Float32Array
    ? new Tensor('float32', data, packed.shape)
    : new Tensor('int64', data, packed.shape);
}

/** Each element within `tolerance`, relative to the larger of 1 and itself. */
export function assertClose(
  actual: Iterable<number>,
  expected: readonly number[],
  tolerance: number,
  what: string,
): void {
  const given = [...actual];
  assert.equal(given.length, expected.length, `${what}: number of elements`);
  given.forEach((value, index) => {
    const wanted = expected[index]!;
    const off = Math.abs(value - wanted) / Math.max(1, Math.abs(wanted));
    assert.ok(off <= tolerance, `${what}[${index}]: ${value} is not ${wanted} (off by ${off.toExponential(1)})`);
  });
}

/** Opens a session, hands it over, and closes it. */
export async function withSession<T>(
  model: Uint8Array,
  use: (session: InferenceSession) => Promise<T>,
  threads = 2,
): Promise<T> {
  const session = await InferenceSession.create(model, {
    logSeverityLevel: 3,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
  try {
    return await use(session);
  } finally {
    await session.release();
  }
}
