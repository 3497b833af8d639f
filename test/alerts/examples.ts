/** An alert as it fires and as it ends. @module */
import type { Finding, FiringAlert, ResolvedAlert } from '../../src/contracts/alerts.js';

/** What a look found. */
export const finding: Finding = {
  name: 'DataDrift',
  severity: 'warning',
  subject: { kind: 'deployment', name: 'churn' },
  summary: 'temperature has drifted: PSI 5.2 against 0.2',
  evidence: { figures: { psi: 5.2 }, refs: [{ uri: 'objects/sha256/ab/abc', sha256: 'ab'.repeat(32), sizeBytes: 10 }] },
  runbook: 'https://runbooks.example.com/drift',
};

const fingerprint = 'flights/DataDrift/warning/deployment/churn';

/** It fires. */
export const firing: FiringAlert = {
  ...finding,
  project: 'flights',
  fingerprint,
  id: `${fingerprint}@2026-03-01T12:00:00.000Z`,
  startedAt: '2026-03-01T12:00:00.000Z',
  status: 'firing',
};

/** It has ended. */
export const resolved: ResolvedAlert = { ...firing, status: 'resolved', endedAt: '2026-03-01T15:00:00.000Z' };
