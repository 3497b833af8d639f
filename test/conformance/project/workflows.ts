/** Their code. @module */
import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { implementPipeline } from '../../../src/workflow/implement-pipeline.js';
import { proxyStages } from '../../../src/workflow/proxy-stages.js';
import * as contracts from './contracts.js';

const { flaky, broken, patient } = proxyStages({ ...contracts.retrying.stages, ...contracts.waiting.stages });

export const retrying = implementPipeline(contracts.retrying).with(async (_run, { failures }) => {
  const { attempt } = await flaky({ failures });
  const failure = await broken({}).then(() => 'none', failureType);
  return { attempt, failure };
});

export const waiting = implementPipeline(contracts.waiting).with((_run, { waits }) => patient({ waits }));

export const asking = implementPipeline(contracts.asking).with(async (run) => {
  await flaky({ failures: 0 });
  const { verdict } = await run.approval('promotion', { evidence: { auc: 0.8 }, expiresIn: '1 hour' });
  return { verdict };
});

function failureType(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure ? (cause.type ?? '') : 'another';
}
