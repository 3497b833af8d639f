import assert from 'node:assert/strict';
import {
  dropoutMask,
  philox4x32,
  randomNormal,
  randomPermutation,
  randomUint32,
  randomUniform,
} from '../../src/data/philox.js';

describe('philox', () => {
  // Random123 1.14, tests/kat_vectors, lines "philox4x32 10".
  it("agrees with Random123's known answers", () => {
    const ones = 0xffffffff;
    assert.deepEqual(philox4x32([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    assert.deepEqual(
      philox4x32([ones, ones, ones, ones], [ones, ones]),
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    );
    assert.deepEqual(
      philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    );
  });

  it('gives the same numbers however they are cut into calls', () => {
    const address = { seed: 7, purpose: 1, step: 2, layer: 3 };
    const whole = randomUint32(address, new Uint32Array(103));
    assert.deepEqual(randomUint32(address, new Uint32Array(63), 40), whole.slice(40));
    assert.deepEqual(randomUint32(address, new Uint32Array(17)), whole.slice(0, 17));
  });

  it('gives other numbers at every other address', () => {
    const addresses = [
      { seed: 1 },
      { seed: 2 },
      { seed: 1, purpose: 1 },
      { seed: 1, step: 1 },
      { seed: 1, layer: 1 },
      { seed: 1, step: 1, layer: 1 },
    ];
    const numbers = addresses.map((address) => randomUint32(address, new Uint32Array(4)).join());
    assert.equal(new Set(numbers).size, addresses.length);
  });

  it('draws uniforms in [0, 1) with the mean and spread of uniforms', () => {
    const values = randomUniform({ seed: 3 }, new Float32Array(100_000));
    assert.ok(values.every((value) => value >= 0 && value < 1));
    assert.ok(Math.abs(mean(values) - 0.5) < 0.005);
    assert.ok(Math.abs(variance(values) - 1 / 12) < 0.002);
  });

  it('draws normals with mean 0, deviation 1 and thin tails', () => {
    const values = randomNormal({ seed: 4 }, new Float32Array(100_001));
    assert.ok(Math.abs(mean(values)) < 0.01);
    assert.ok(Math.abs(variance(values) - 1) < 0.02);
    const outside = values.filter((value) => Math.abs(value) > 1.96).length / values.length;
    assert.ok(Math.abs(outside - 0.05) < 0.003);
  });

  it('keeps the mean of what a dropout mask multiplies', () => {
    const mask = dropoutMask({ seed: 5, purpose: 2 }, 0.2, new Float32Array(100_000));
    assert.deepEqual([...new Set(mask)].sort(), [0, 1.25]);
    assert.ok(Math.abs(mean(mask) - 1) < 0.005);
  });

  it('permutes every index exactly once, each order about as often as the others', () => {
    assert.deepEqual(
      [...randomPermutation({ seed: 6 }, 1000)].sort((a, b) => a - b),
      [...Array(1000).keys()],
    );
    const counts = new Map<string, number>();
    for (let step = 0; step < 6000; step++) {
      const order = randomPermutation({ seed: 6, step }, 3).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    assert.equal(counts.size, 6);
    for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 150, `${count}`);
    assert.deepEqual([...randomPermutation({ seed: 6 }, 0)], []);
  });
});

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: Float32Array): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length;
}
