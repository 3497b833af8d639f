import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { seedOf } from '../../src/context/build-context.js';
import type { AttemptReports } from '../../src/context/reports.js';
import { classifyError, StageFailure } from '../../src/context/stage-failure.js';
import { createTrack } from '../../src/context/track.js';
import { TrainyardError } from '../../src/contracts/errors.js';

describe('the seed of a stage call', () => {
  it('is the same for every attempt and another for every call', () => {
    assert.equal(seedOf('w/train-1'), seedOf('w/train-1'));
    assert.notEqual(seedOf('w/train-1'), seedOf('w/train-2'));
    assert.equal(
      seedOf('w/train-1').toString(16).padStart(8, '0'),
      createHash('sha256').update('w/train-1').digest('hex').slice(0, 8),
    );
  });
});

describe('tracking', () => {
  const told: unknown[][] = [];
  const tell = (...all: unknown[]) => {
    told.push(all);
  };
  const reports: AttemptReports = { progress: tell, metrics: tell, params: tell, note: tell, tracked: tell, log: tell };
  const track = createTrack(new MemoryStore(), reports);
  beforeEach(() => {
    told.length = 0;
  });

  for (const name of ['loss', 'valLoss', 'train/loss'])
    it(`ends a training whose ${name} is not finite any more`, () => {
      assert.throws(
        () => {
          track.metrics({ [name]: Infinity }, { step: 4 });
        },
        (error) => error instanceof StageFailure && error.failureClass === 'Diverged' && error.evidence['step'] === 4,
      );
    });

  it('leaves other values that are not finite out of the curve', () => {
    track.metrics({ gradientNorm: NaN, accuracy: 0.5 }, { step: 1 });
    assert.deepEqual(told, [[1, { accuracy: 0.5 }]]);
  });

  it('stores figures and artifacts and tells their refs', async () => {
    const ref = await track.figure('curve', { mark: 'line' });
    assert.deepEqual(told, [['figure', 'curve', ref]]);
    assert.equal(ref.sha256, createHash('sha256').update('{"mark":"line"}').digest('hex'));
  });
});

describe('the class of an error', () => {
  it('is its own, that of its code, or that of its type; any other is a bug', () => {
    const classOf = (error: unknown) => classifyError(error).failureClass;
    assert.equal(classOf(new StageFailure('PoolChange', 'a larger one, please')), 'PoolChange');
    assert.equal(classOf(new TrainyardError('TY1004', 'x')), 'ContractViolation');
    assert.equal(classOf(new TrainyardError('TY1302', 'x')), 'Preempted');
    assert.equal(classOf(new RangeError('Array buffer allocation failed')), 'OutOfMemory');
    // As onnxruntime-node 1.30 words them; those of CUDA after its sources.
    const node = "Non-zero status code returned while running Mul node. Name:'gradient/Mul' Status Message: ";
    const arena = `${node}/onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 16777216\n`;
    const cuda = `${node}CUDA failure 2: out of memory ; GPU=0 ; hostname=h ; file=gpu.cc ; line=1 ; expr=cudaMalloc(p, size);`;
    for (const message of ['std::bad_alloc', `${node}std::bad_alloc`, arena, cuda])
      assert.equal(classOf(new Error(message)), 'OutOfMemory', message);
    assert.equal(classOf(new Error('CUDA failure 214: uncorrectable ECC error encountered ; GPU=0')), 'DeviceFailed');
    assert.equal(classOf(new Error('the table of std::bad_alloc handlers is empty')), 'Failed');
    assert.equal(classOf(new Error('failed to allocate memory for the report')), 'Failed');
    assert.equal(classOf(new TypeError('x')), 'Failed');
    assert.equal(classOf('a string'), 'Failed');
  });
});
