import assert from 'node:assert/strict';
import { z } from 'zod';
import { violation } from '../../src/contracts/contract-violation.js';
import { definePipeline } from '../../src/contracts/define-pipeline.js';
import { defineProject } from '../../src/contracts/define-project.js';
import { defineStage } from '../../src/contracts/define-stage.js';
import { toMilliseconds } from '../../src/contracts/duration.js';
import { errorCodes, TrainyardError } from '../../src/contracts/errors.js';
import { toBytes } from '../../src/contracts/memory-size.js';
import { keySegment, objectKey, projectOf, taskQueue, workflowIdOf } from '../../src/contracts/names.js';

const io = { input: z.object({}), output: z.object({}) };

describe('contracts', () => {
  it('give every stage limits, brief ones on the cpu pool', () => {
    const ingest = defineStage('ingest', { pool: 'cpu', ...io });
    const train = defineStage('train', { pool: 'gpu', ...io, limits: { heartbeat: '3 seconds' } });
    assert.deepEqual(ingest.limits, {
      startToClose: '2 hours',
      heartbeat: '30 seconds',
      stall: '10 minutes',
      scheduleToClose: '7 days',
    });
    assert.deepEqual(train.limits, {
      startToClose: '24 hours',
      heartbeat: '3 seconds',
      stall: '30 minutes',
      scheduleToClose: '7 days',
    });
  });

  it('refuse a name that cannot stand in a task queue', () => {
    assert.throws(() => defineStage('a/b', { pool: 'cpu', ...io }), { code: 'TY1006', message: /stage "a\/b"/ });
    assert.throws(() => definePipeline('1x', { ...io, stages: {} }), { code: 'TY1006' });
  });

  it('refuse a limit that is no duration', () => {
    const limits = { stall: 'soon' as '1 hour' };
    assert.throws(() => defineStage('a', { pool: 'cpu', ...io, limits }), {
      code: 'TY1001',
      message: /"soon" is not a duration/,
    });
  });

  it('refuse a limit that is no amount of memory', () => {
    const limits = { memory: '4 GB' as '4 GiB' };
    assert.throws(() => defineStage('a', { pool: 'gpu', ...io, limits }), {
      code: 'TY1009',
      message: /"4 GB" is not an amount of memory/,
    });
    assert.equal(toBytes('1.5 GiB'), 1.5 * 2 ** 30);
    assert.equal(toBytes('512 MiB'), 2 ** 29);
  });

  it('refuse a pool that would share the queue of the pipelines', () => {
    assert.throws(() => defineProject({ name: 'p', pools: { pipelines: {} } }), { code: 'TY1101' });
  });
});

describe('a contract violation', () => {
  it('names the path, the problem and the value, then the remedy and the code', () => {
    const schema = z.object({ epochs: z.int().positive() });
    const value = { epochs: 0 };
    const error = violation('stage train: input', value, schema.safeParse(value).error!);
    assert.match(
      error.message,
      /^stage train: input\.epochs: Too small.*, got 0\. Fix the caller; not retried\. \[TY1003\]$/,
    );
  });
});

describe('durations', () => {
  it('are milliseconds to the machine', () => {
    assert.deepEqual(
      [toMilliseconds('30 seconds'), toMilliseconds('1.5 hours'), toMilliseconds('1 ms')],
      [30_000, 5_400_000, 1],
    );
  });
});

describe('names', () => {
  it('put the project before pool and workflow id, once', () => {
    assert.equal(taskQueue('churn', 'gpu'), 'churn/gpu');
    assert.equal(projectOf('churn/gpu'), 'churn');
    assert.equal(workflowIdOf('churn', workflowIdOf('churn', 'a')), 'churn/a');
  });

  it('keep ids inside one folder of the store', () => {
    for (const id of ['../../etc', '.', '..', 'a/b', 'ü ~', "it's"])
      assert.match(keySegment(id), /^[A-Za-z0-9_%-][A-Za-z0-9_%.-]*$/);
    assert.equal(keySegment('churn/train-1.5'), 'churn%2Ftrain-1.5');
    assert.equal(objectKey('ab12'), 'objects/sha256/ab/ab12');
  });
});

describe('errors', () => {
  it('say what happened, what to do, and a code that the table has', () => {
    const error = new TrainyardError('TY1004', 'stage train: output.loss is missing');
    assert.equal(
      error.message,
      'stage train: output.loss is missing. Make the stage return what its contract promises; not retried. [TY1004]',
    );
    assert.equal(error.retried, errorCodes.TY1004.retried);
  });
});
