/** Limits of a standard look: what is found, in which words, and what there was too little to look for. @module */
import assert from 'node:assert/strict';
import { Finding } from '../../src/contracts/alerts.js';
import type { Monitoring } from '../../src/stages/monitor.js';
import type { RequestCounts } from '../../src/stages/read-traffic.js';
import { type Seen, standardFindings, unseenFindings } from '../../src/stages/standard-findings.js';
import type { ErrorWatch } from '../../src/stages/watch-errors.js';

const ref = { uri: 'artifact://sha256/0', sha256: '0'.repeat(64), sizeBytes: 1 };
const requests: RequestCounts = {
  total: 1_000,
  errors: 30,
  errorRate: { rate: 0.03, lower: 0.021, upper: 0.042, confidence: 0.95 },
  latencyMs: { p50: 4, p95: 9, p99: 30 },
  usualLatencyMs: { p50: 4, p95: 8, p99: 12 },
};
const drift: Monitoring = {
  verdict: 'stable',
  reasons: [],
  driftedColumns: ['wind', 'temperature'],
  worst: { column: 'temperature', psi: 5.214 },
  prediction: { drifted: true, psi: 0.3 },
  report: { ...ref, kind: 'report' },
};
const errors: ErrorWatch = {
  rows: 500,
  meanError: 0.31,
  changes: [{ detector: 'ADWIN', row: 200, mean: 0.4, rose: true }],
  decayedFrom: 0.2,
  detectors: ref,
  groups: [
    {
      column: 'region',
      demographicParity: { difference: 0.3, ratio: 0.61, fourFifths: false },
      equalizedOdds: { difference: 0.1, ratio: 0.9 },
    },
    {
      column: 'plan',
      demographicParity: { difference: null, ratio: null, fourFifths: null },
      equalizedOdds: { difference: null, ratio: null },
    },
  ],
};
const seen: Seen = { endpoint: 'churn', requests, drift, errors, labelled: { ...ref, uri: 'artifact://sha256/1' } };
const nothing: Seen = {
  endpoint: 'churn',
  requests: { total: 0, errors: 0, errorRate: null, latencyMs: null, usualLatencyMs: null },
  drift: undefined,
  errors: undefined,
  labelled: undefined,
};

describe('the findings of a standard look', () => {
  it('say what is wrong in a sentence, with figures and reports', () => {
    const found = standardFindings(seen).map((finding) => Finding.parse(finding));
    assert.deepEqual(
      found.map(({ name, severity, summary, evidence }) => [name, severity, summary, evidence.refs.length]),
      [
        [
          'HighErrorRate',
          'critical',
          'churn: 3 % of 1000 requests failed, at least 2.1 % with 95 % confidence; the limit is 1 %',
          0,
        ],
        [
          'HighLatency',
          'warning',
          'churn: 99 % of the answers took up to 30 ms; at first it was 12 ms, the limit is 2 times that',
          0,
        ],
        ['DataDrift', 'warning', 'churn: temperature has moved: PSI 5.21, the limit is 0.25; 2 columns drifted', 1],
        ['PredictionDrift', 'warning', 'churn: the model answers otherwise: PSI 0.3, the limit is 0.25', 1],
        ['ConceptDrift', 'critical', 'churn: the mean error of 500 rows is 0.31; by ADWIN it rose from 0.2', 1],
        [
          'UnfairOutcomes',
          'warning',
          'churn: groups get positive answers at different rates, lowest by highest: region 0.61; the limit is 0.8',
          1,
        ],
      ],
    );
    assert.deepEqual(found[0]!.evidence.figures, {
      requests: 1_000,
      errors: 30,
      errorRate: 0.03,
      errorRateLower: 0.021,
    });
  });

  it('follow the limits that are declared', () => {
    const names = (limits: Parameters<typeof standardFindings>[1]) =>
      standardFindings({ ...seen, errors: { ...errors, decayedFrom: null } }, limits).map(({ name }) => name);
    const none = {
      errorRate: 0.021,
      latencyRatio: 3,
      columnPsi: Infinity,
      predictionPsi: 0.3,
      groupRatio: 0,
    };
    assert.deepEqual(names(none), []);
    assert.deepEqual(names({ ...none, latencyP99Ms: 29 }), ['HighLatency']);
    assert.deepEqual(names({ ...none, latencyP99Ms: 29, leastAnswers: 971 }), []);
    assert.deepEqual(names({ ...none, meanError: 0.3 }), ['ConceptDrift']);
  });

  it('are none where nothing was seen, and each is said not to have been looked for', () => {
    assert.deepEqual(standardFindings(nothing), []);
    assert.equal(unseenFindings(nothing).length, 6);
    assert.deepEqual(unseenFindings(seen), []);
    assert.deepEqual(unseenFindings({ ...seen, requests: { ...requests, total: 50, errors: 1 } }), ['HighLatency']);
  });
});
