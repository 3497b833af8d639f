/** A decision as approvals leave it. @module */
import { digestJson } from '../../src/artifacts/digest.js';
import type { DecisionRecord } from '../../src/contracts/decisions.js';

const evidence = { auc: 0.9, model: 'a'.repeat(64) };
export const decision: DecisionRecord = {
  workflowId: 'churn/a',
  runId: 'r',
  pipeline: 'churnTraining',
  id: 'promotion-0',
  name: 'promotion',
  evidence,
  evidenceDigest: digestJson(evidence),
  expiresAt: '2026-03-02T00:00:00.000Z',
  verdict: 'approved',
  decisions: [
    { by: { name: 'ana', standing: 'claimed' }, verdict: 'approved', reason: 'read', at: '2026-03-01T00:00:00.000Z' },
  ],
  at: '2026-03-01T00:00:00.000Z',
};
