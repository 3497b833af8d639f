import {
  ActivityCancellationDetails,
  ApplicationFailure,
  ApplicationFailureCategory,
  CancelledFailure,
  defaultPayloadConverter,
} from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type ActivityInterceptorsFactory, DefaultLogger } from '@temporalio/worker';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import { implementStage, type StageImplementation } from '../../src/activity/implement-stage.js';
import { createStageActivity } from '../../src/activity/stage-activity.js';
import { stageCallInterceptor } from '../../src/activity/stage-call.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { defineStage } from '../../src/contracts/define-stage.js';
import { FailureDetails, type StageCall, StageEnvelope } from '../../src/contracts/envelope.js';
import { stageCallHeader } from '../../src/contracts/names.js';
import { TrainyardError } from '../../src/contracts/errors.js';
import { StageFailure } from '../../src/context/stage-failure.js';
import { readAttemptLog } from '../../src/records/attempt-log.js';
import { temporaryFolder } from './support.js';
import { withheldVariables } from '../../src/activity/resolve-secrets.js';

const double = defineStage('double', {
  pool: 'cpu',
  input: z.object({ n: z.number() }),
  output: z.object({ n: z.number() }),
  checkpoint: z.object({ n: z.number() }),
  secrets: ['DOUBLE_TOKEN'],
});
const call: StageCall = { stageKey: 'shop/run/double-1', generation: 0, project: 'shop', stallMs: 60_000 };
const project = {
  name: 'shop',
  pools: { cpu: {}, gpu: { device: 'cuda' } },
  secrets: {
    DOUBLE_TOKEN: { from: 'env', name: 'TEST_TOKEN' },
    SAME_TOKEN: { from: 'env', name: 'TEST_TOKEN' },
    OTHER_TOKEN: { from: 'env' },
  },
} as const;

const logger = new DefaultLogger('ERROR');

/** The header as the workflow's half of the interceptor sends it. */
const sendCall: ActivityInterceptorsFactory = () => ({
  inbound: {
    execute: (input, next) =>
      next({ ...input, headers: { [stageCallHeader]: defaultPayloadConverter.toPayload(call) } }),
  },
});

describe('a stage as an activity', () => {
  const folder = temporaryFolder();
  before(() => {
    process.env['TEST_TOKEN'] = 'hush';
  });
  after(() => {
    delete process.env['TEST_TOKEN'];
  });

  function start(implementation: StageImplementation, input: unknown, headers = true) {
    const store = new MemoryStore();
    const activity = createStageActivity(implementation, {
      store,
      project,
      scratchRoot: join(folder, 'scratch'),
      log: pino({ level: 'silent' }),
    });
    const interceptors = headers ? [sendCall, stageCallInterceptor] : [stageCallInterceptor];
    const environment = new MockActivityEnvironment(
      { currentAttemptScheduledTimestampMs: 1_700_000_000_000 },
      { interceptors, logger },
    );
    const result: Promise<unknown> = environment.run(activity, input);
    result.catch(() => undefined); // looked at later
    return { store, environment, result };
  }

  async function failureOf(result: Promise<unknown>): Promise<ApplicationFailure> {
    const error: unknown = await result.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof ApplicationFailure, String(error));
    return error;
  }

  it('gives its envelope, under the stage key of the header, with the secrets that the contract names', async () => {
    const implementation = implementStage(double).with(async ({ input, secrets, seed }) => {
      assert.equal(secrets.DOUBLE_TOKEN, 'hush');
      assert.ok(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32);
      return Promise.resolve({ n: input.n * 2 });
    });
    const { store, result } = start(implementation, { n: 2 });
    const { output, log } = StageEnvelope.parse(await result);
    assert.deepEqual(output, { n: 4 });
    assert.equal((await readAttemptLog(store, call.stageKey, log)).length, 1);
    assert.ok(!existsSync(join(folder, 'scratch')));
  });

  it('keeps the secrets of other stages from a trainer', () => {
    assert.deepEqual(withheldVariables(double, project), ['OTHER_TOKEN']);
  });

  it('runs for a workflow that schedules it by hand, without a header', async () => {
    const implementation = implementStage(double).with(({ input }) => Promise.resolve({ n: input.n * 2 }));
    const { result } = start(implementation, { n: 3 }, false);
    assert.deepEqual(StageEnvelope.parse(await result).output, { n: 6 });
  });

  it('fails without retry for an input that breaks the contract', async () => {
    const failure = await failureOf(
      start(
        implementStage(double).with(() => Promise.resolve({ n: 1 })),
        { n: 'two' },
      ).result,
    );
    assert.deepEqual([failure.type, failure.nonRetryable], ['ContractViolation', true]);
    assert.match(failure.message, /stage double: input\.n.*got "two".*TY1003/);
  });

  it('leaves a failure that the workflow may adapt to without retry, and one that may pass with its delay', async () => {
    const failing = (error: Error) =>
      failureOf(
        start(
          implementStage(double).with(() => Promise.reject(error)),
          { n: 1 },
        ).result,
      );
    const diverged = await failing(new StageFailure('Diverged', 'the loss is NaN', { step: 7 }));
    assert.deepEqual([diverged.type, diverged.nonRetryable], ['Diverged', true]);
    const details = FailureDetails.parse(diverged.details?.[0]);
    assert.deepEqual([details.attempts, details.evidence, details.log !== undefined], [1, { step: 7 }, true]);
    const passing = await failing(new StageFailure('DataUnavailable', 'the warehouse does not answer'));
    assert.deepEqual(
      [passing.type, passing.nonRetryable, passing.nextRetryDelay],
      ['DataUnavailable', false, '30000 ms'],
    );
    const bug = await failing(new TypeError('x is not a function'));
    assert.deepEqual([bug.type, bug.nonRetryable, (bug.cause as Error).name], ['Failed', false, 'TypeError']);
  });

  const waiting = implementStage(double).with(async ({ signal, checkpoints }) => {
    await setTimeout(1_000_000, undefined, { signal }).catch(() => undefined);
    await checkpoints.save({ n: 1 });
    signal.throwIfAborted();
    return { n: 0 };
  });
  const stopped = async (details: ConstructorParameters<typeof ActivityCancellationDetails>[0]) => {
    const { environment, result, store } = start(waiting, { n: 1 });
    await new Promise((resolve) => environment.once('heartbeat', resolve));
    environment.cancel('CANCELLED', new ActivityCancellationDetails(details));
    const error: unknown = await result.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const [attempt] = await readAttemptLog(store, call.stageKey);
    return { error, end: attempt?.events.at(-1) };
  };

  it('is preempted by the shutdown of its worker: benign, retried at once, never with a delay of 0', async () => {
    const { error } = await stopped({ workerShutdown: true });
    assert.ok(error instanceof ApplicationFailure);
    assert.deepEqual(
      [error.type, error.nonRetryable, error.nextRetryDelay, error.category],
      ['Preempted', false, '1 ms', ApplicationFailureCategory.BENIGN],
    );
  });

  for (const [outcome, details] of [
    ['cancelled', { cancelRequested: true }],
    ['paused', { paused: true }],
    ['reset', { reset: true }],
  ] as const)
    it(`rethrows Temporal's own failure, after a checkpoint, when it is ${outcome}`, async () => {
      const { error, end } = await stopped(details);
      assert.ok(error instanceof CancelledFailure, String(error));
      assert.equal(end?.event === 'end' && end.outcome, outcome);
    });

  it('is refused, when the worker starts, as a handler on a pool with a device', () => {
    const onGpu = defineStage('onGpu', { pool: 'gpu', input: z.object({}), output: z.object({}) });
    assert.throws(
      () =>
        start(
          implementStage(onGpu).with(() => Promise.resolve({})),
          {},
        ),
      (error) => error instanceof TrainyardError && error.code === 'TY1107',
    );
  });

  it('fails, and may be retried on another worker, where a secret is not set', async () => {
    delete process.env['TEST_TOKEN'];
    const failure = await failureOf(
      start(
        implementStage(double).with(() => Promise.resolve({ n: 1 })),
        { n: 1 },
      ).result,
    );
    process.env['TEST_TOKEN'] = 'hush';
    assert.match(failure.message, /DOUBLE_TOKEN.*TEST_TOKEN.*TY1109/);
    assert.equal(failure.nonRetryable, false);
  });

  it('lends a device to one attempt at a time and takes it back', async () => {
    const lent: string[] = [];
    const devices = {
      take: () => {
        lent.push('take');
        return [3];
      },
      failed: () => assert.fail('no device failed'),
      giveBack: (given: readonly number[]) => {
        lent.push(`back ${given.join()}`);
      },
    };
    const activity = createStageActivity(
      implementStage(double).with((context) => Promise.resolve({ n: context.devices[0] ?? -1 })),
      {
        store: new MemoryStore(),
        project,
        devices,
        scratchRoot: join(folder, 'scratch'),
        log: pino({ level: 'silent' }),
      },
    );
    const environment = new MockActivityEnvironment({}, { interceptors: [sendCall, stageCallInterceptor], logger });
    const envelope: unknown = await environment.run(activity, { n: 1 });
    assert.deepEqual(StageEnvelope.parse(envelope).output, { n: 3 });
    assert.deepEqual(lent, ['take', 'back 3']);
  });
});
