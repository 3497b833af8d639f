import fc from 'fast-check';
import assert from 'node:assert/strict';
import { decodeTensors, encodeTensors } from '../../src/training/tensor-file.js';

describe('a file of tensors', () => {
  it('gives back what was written, wherever the bytes lie in memory', () => {
    const values = fc.float32Array({ maxLength: 20 });
    const tensors = fc.dictionary(fc.string(), values);
    fc.assert(
      fc.property(tensors, fc.integer({ min: 0, max: 7 }), (given, offset) => {
        const file = encodeTensors(given);
        const moved = new Uint8Array(file.length + offset);
        moved.set(file, offset);
        const back = decodeTensors(moved.subarray(offset));
        assert.deepEqual({ ...back }, { ...given });
      }),
    );
  });

  it('has the same bytes whatever the order of the names, in the format of safetensors', () => {
    const [a, b] = [Float32Array.of(1, 2), Float32Array.of(3)];
    const file = encodeTensors({ b, a });
    assert.deepEqual(file, encodeTensors({ a, b }));
    const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true));
    assert.equal((8 + headerBytes) % 8, 0);
    assert.deepEqual(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes))), {
      a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
      b: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
    });
  });

  it('refuses other bytes and a file that was cut off', () => {
    const file = encodeTensors({ a: Float32Array.of(1, 2) });
    for (const bytes of [new Uint8Array(), new Uint8Array(100), file.subarray(0, 20), file.subarray(0, -1)])
      assert.throws(() => decodeTensors(bytes), /TY1507/);
  });
});
