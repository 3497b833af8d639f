/** The pipeline: nothing is deployed unless a person has seen how good the model is, and has said so. @module */
import { implementPipeline, proxyStages } from 'trainyard/workflow';
import * as contracts from './contracts.js';

const stages = proxyStages(contracts.penguins.stages);

/** Eleven penguins have no sex in the table. */
const sql = `SELECT * EXCLUDE (sex), sex = 'MALE' AS male FROM penguins WHERE sex IN ('MALE', 'FEMALE')`;

export const penguins = implementPipeline(contracts.penguins).with(async (run, input) => {
  const { dataset } = await stages.ingest({
    sources: { penguins: { path: input.table } },
    sql,
    splits: { by: 'hash', key: ['id'], weights: { train: 0.7, test: 0.3 } },
  });
  await stages.validate({ dataset });
  const { model, parity } = await stages.train({
    dataset,
    features: ['species', 'island', 'beakLength', 'beakDepth', 'flipperLength', 'bodyMass'],
    hidden: [16],
    epochs: 200,
    batchSize: 32,
    rate: 5e-3,
    patience: 20,
  });
  const { auc, baselineAuc, accuracy, rows, report } = await stages.evaluate({
    model,
    dataset,
    baseline: { by: ['species'] },
  });

  // The run waits here for as long as it takes, with no worker busy: a restart of everything would not lose the question.
  const decision = await run.approval('promotion', {
    evidence: { auc, baselineAuc, accuracy, testRows: rows, model, report },
    expiresIn: '3 days',
  });
  const quality = { auc, baselineAuc, modelSha256: model.sha256 };
  if (decision.verdict === 'expired') return { outcome: 'rejected', ...quality, reason: 'nobody decided in time' };
  const { by, reason } = decision;
  if (decision.verdict === 'rejected') return { outcome: 'rejected', ...quality, by, reason };
  const { endpoint } = await stages.deploy({ model, parity, endpoint: input.endpoint });
  return { outcome: 'deployed', ...quality, by, reason, endpoint };
});
