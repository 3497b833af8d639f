/** The project's pipelines: the file that its pipelines worker bundles. @module */
import { ApplicationFailure } from '@temporalio/workflow';
import { implementPipeline } from '../../../src/workflow/implement-pipeline.js';
import { proxyStages } from '../../../src/workflow/proxy-stages.js';
import * as contracts from './contracts.js';

const stages = proxyStages({
  ...contracts.counting.stages,
  ...contracts.breaking.stages,
  ...contracts.reading.stages,
  ...contracts.summing.stages,
});

export const counting = implementPipeline(contracts.counting).with(async (_run, input) => {
  const { heartbeatSeconds, prepareGate, pool, ...rest } = input;
  const { seed } = await stages.prepare({ seed: input.seed, gate: prepareGate });
  return stages.count.with({ pool, limits: { heartbeat: `${heartbeatSeconds} seconds` } })({ ...rest, seed });
});

export const releasing = implementPipeline(contracts.releasing).with(async (run, { auc }) => {
  const decision = await run.approval('release', { evidence: { auc }, expiresIn: '1 hour' });
  if (decision.verdict === 'approved') return { outcome: 'deployed', by: decision.by };
  return { outcome: 'rejected', by: decision.verdict === 'rejected' ? decision.by : 'nobody' };
});

export const guarding = implementPipeline(contracts.guarding).with(async (run, { evidence }) => {
  const { verdict, decisions, binding } = await run.approval('promotion', { evidence });
  return { verdict, by: decisions.map(({ by }) => `${by.name}, ${by.standing}`), binding };
});

export const breaking = implementPipeline(contracts.breaking).with(() => stages.broken({}));

export const reading = implementPipeline(contracts.reading).with((_run, { artifact }) => stages.read({ artifact }));

export const summing = implementPipeline(contracts.summing).with((_run, input) => stages.sum(input));

export const waiting = implementPipeline(contracts.waiting).with(() =>
  stages.prepare.with({ pool: 'lonely' })({ seed: 1 }),
);

export const slicing = implementPipeline(contracts.slicing).with((_run, { to }) => Promise.resolve({ to }));

export const glancing = implementPipeline(contracts.glancing.pipeline).with((_run, { look, at }) => {
  if (look > 1) throw ApplicationFailure.nonRetryable('the store is away');
  const subject = { kind: 'deployment', name: 'counted' };
  const evidence = { figures: { psi: 5.2 }, refs: [] };
  const drift = { name: 'DataDrift', severity: 'warning', subject, summary: 'steps have moved', evidence } as const;
  return Promise.resolve({ findings: [drift], cursor: at, figures: { psi: 5.2 } });
});
