/** The cases whose histories are the oldest promise, on the embedded engine: `npm run conformance` does all, on PostgreSQL as well. @module */
import assert from 'node:assert/strict';
import { testEngine } from '../support/engine.js';
import type { Case } from './case.js';
import { approval } from './cases/approval.js';
import { cancel } from './cases/cancel.js';
import { retry } from './cases/retry.js';
import { recordCase } from './record-case.js';

const expected: readonly (readonly [Case, readonly string[]])[] = [
  [
    retry,
    [
      'WorkflowExecutionStarted',
      'ActivityTaskScheduled flaky',
      'ActivityTaskStarted attempt 3',
      'ActivityTaskCompleted',
      'ActivityTaskScheduled broken',
      'ActivityTaskStarted attempt 1',
      'ActivityTaskFailed ContractViolation',
      'WorkflowExecutionCompleted',
    ],
  ],
  [
    cancel,
    [
      'WorkflowExecutionStarted',
      'ActivityTaskScheduled patient',
      'WorkflowExecutionCancelRequested',
      'ActivityTaskCancelRequested',
      'ActivityTaskStarted attempt 1',
      'ActivityTaskCanceled',
      'WorkflowExecutionCanceled',
    ],
  ],
  [
    approval,
    [
      'WorkflowExecutionStarted',
      'ActivityTaskScheduled flaky',
      'ActivityTaskStarted attempt 1',
      'ActivityTaskCompleted',
      'WorkflowPropertiesModified',
      'TimerStarted',
      'WorkflowExecutionUpdateAccepted trainyard-decide',
      'WorkflowExecutionUpdateCompleted',
      'TimerCanceled',
      'WorkflowPropertiesModified',
      'WorkflowExecutionCompleted',
    ],
  ],
];

describe('histories', function () {
  this.timeout(120_000);

  for (const [one, sequence] of expected)
    it(`of the case "${one.name}" are made of the same events as ever`, async () => {
      assert.deepEqual(await recordCase(one, await testEngine()), { run: sequence });
    });
});
