/** Learning rates and the manifest of numerics. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { numericsDifferences, numericsOf } from '../../src/training/numerics.js';
import { constantRate, cosineRate, warmUp } from '../../src/training/schedules.js';
import { assertClose } from './fixtures.js';

describe('learning rate schedules', () => {
  it('stay, fall along half a cosine, and warm up', () => {
    const steps = [1, 2, 3, 4, 5, 6, 100];
    assert.deepEqual(
      steps.map(constantRate(0.1)),
      steps.map(() => 0.1),
    );
    const quarter = Math.cos(Math.PI / 4) / 2;
    assertClose(
      steps.map(cosineRate({ rate: 1, steps: 5 })),
      [1, 0.5 + quarter, 0.5, 0.5 - quarter, 0, 0, 0],
      1e-12,
      'cosine',
    );
    assertClose([1, 99].map(cosineRate({ rate: 1, steps: 5, floor: 0.1 })), [1, 0.1], 1e-12, 'floor');
    const warmed = warmUp({ steps: 2, after: cosineRate({ rate: 1, steps: 3 }) });
    assertClose(steps.map(warmed), [0.5, 1, 1, 0.5, 0, 0, 0], 1e-12, 'warm-up');
  });
});

describe('numerics', () => {
  it('name what the bytes of a model depend on, and what changed', () => {
    const here = numericsOf({ provider: 'cpu', threads: 2 }, 1);
    assert.match(here.onnxruntime, /^1\.\d+\.\d+$/);
    assert.ok(here.cpuFeatures.length > 0);
    assert.deepEqual(numericsDifferences(here, numericsOf({ provider: 'cpu', threads: 2 }, 1)), []);
    const saved = { ...here, threads: 4, onnxruntime: '1.20.0' };
    assert.deepEqual(numericsDifferences(saved, here), [
      `onnxruntime: 1.20.0 became ${here.onnxruntime}`,
      'threads: 4 became 2',
    ]);
  });
});
