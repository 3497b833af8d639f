/** Rounds without stages: a challenger has the AUC that its trigger names, and a digest of its own or the model that it names. @module */
import { ApplicationFailure } from '@temporalio/workflow';
import { z } from 'zod';
import type { Finding } from '../../src/contracts/alerts.js';
import type { LoopContract } from '../../src/contracts/define-loop.js';
import { Candidate } from '../../src/contracts/loop-rounds.js';
import { implementLoop } from '../../src/workflow/implement-loop.js';
import { implementPipeline } from '../../src/workflow/implement-pipeline.js';
import * as contracts from './loop-contracts.js';

function implemented(contract: LoopContract) {
  return implementLoop(contract).with({
    prepare: () => Promise.resolve(undefined),
    train: ({ triggers, round }) => {
      const auc = Number(triggers.find(({ cause }) => cause === 'person')?.why ?? 0.5);
      if (!Number.isFinite(auc)) throw ApplicationFailure.nonRetryable('nothing to be learnt');
      const sha256 = String(round).padStart(64, '0');
      const ref = { uri: `artifact://sha256/${sha256}`, sha256, sizeBytes: 7 };
      return Promise.resolve({ model: { ...ref, kind: 'model', inputs: [], outputs: [] }, metrics: { auc } });
    },
    compare: (_round, _data, { challenger, champion }) => {
      const [one, other] = [challenger.metrics['auc'] ?? 0, champion.metrics['auc'] ?? 0];
      const gain = one - other;
      const interval = { lower: gain - 0.005, upper: gain + 0.005, confidence: 0.95 };
      return Promise.resolve({ metric: 'auc', challenger: one, champion: other, gain, interval, rows: 6_000 });
    },
    rollOut: () => Promise.resolve({ outcome: 'served' }),
  });
}

export { loop as 'trainyard:loops' } from '../../src/entities/loop.js';
export { monitor as 'trainyard:monitors' } from '../../src/entities/monitor.js';
export const tried = implemented(contracts.tried);
export const asked = implemented(contracts.asked);

/** Trains what its trigger names of the models that it was declared with; by the labels, the one before was better. */
export const staged = implementLoop(contracts.staged).with({
  prepare: () => Promise.resolve(undefined),
  train: ({ triggers, settings }) => {
    const [name = '', auc] = triggers[0]?.why.split(' ') ?? [];
    const models = z.record(z.string(), Candidate).parse(settings['models']);
    return Promise.resolve({ ...models[name]!, metrics: { auc: Number(auc) } });
  },
  compare: ({ purpose }, _data, { challenger, champion }) => {
    const both = [challenger.metrics['auc'] ?? 0, champion.metrics['auc'] ?? 0] as const;
    const [one, other] = purpose === 'train' ? both : [both[1], both[0]];
    const gain = one - other;
    const interval = { lower: gain - 0.005, upper: gain + 0.005, confidence: 0.95 };
    return Promise.resolve({ metric: 'auc', challenger: one, champion: other, gain, interval, rows: 6_000 });
  },
});

/** Finds drift in its first two looks and in the fifth, and fails in the fourth. */
export const watched = implementPipeline(contracts.watched.pipeline).with((_run, { look, at }) => {
  if (look === 4) throw ApplicationFailure.nonRetryable('the store is away');
  const drift: Finding = {
    name: 'DataDrift',
    severity: 'warning',
    subject: { kind: 'deployment', name: 'served' },
    summary: 'temp has moved',
    evidence: { figures: { psi: 5 }, refs: [] },
  };
  return Promise.resolve({
    findings: look < 3 || look === 5 ? [drift] : [],
    cursor: at,
    labels: { rows: 10 * look, asOf: at },
  });
});
