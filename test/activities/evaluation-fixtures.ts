/** What scikit-learn and scipy made of the formula tables: see `fixtures/make_evaluation_fixtures.py`. @module */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ClassificationMetrics, RegressionMetrics } from '../../src/stages/evaluation-report.js';
import { assertClose } from '../statistics/fixture.js';

const Measures = z.object({
  psi: z.number(),
  jensenShannon: z.number(),
  wasserstein: z.number().nullable(),
  kolmogorovSmirnov: z.object({ statistic: z.number(), pValue: z.number() }).nullable(),
  chiSquare: z.object({ statistic: z.number(), pValue: z.number(), degreesOfFreedom: z.number() }).nullable(),
});

const MonitoringCase = z.object({
  columns: z.record(z.string(), Measures),
  missing: z.record(z.string(), z.object({ psi: z.number(), jensenShannon: z.number(), pValue: z.number() })),
  label: Measures.extend({ referenceMean: z.number(), batchMean: z.number() }),
  referencePerformance: ClassificationMetrics,
  batchPerformance: ClassificationMetrics,
  naive: ClassificationMetrics,
});

const EvaluationFixture = z.object({
  classification: ClassificationMetrics,
  baseline: ClassificationMetrics,
  unlabelledRows: z.number(),
  byCarrier: z.record(z.string(), ClassificationMetrics),
  delayQuartiles: z.array(z.number()),
  byDelay: z.array(ClassificationMetrics),
  roc: z.array(z.tuple([z.number(), z.number()])),
  regression: RegressionMetrics,
  regressionBaseline: RegressionMetrics,
});

/** `evaluation.json`. */
export const evaluation = EvaluationFixture.parse(read('evaluation'));

/** `monitoring.json`: a later batch of 1,100 rows, and one of 300. */
export const monitoring = z.object({ later: MonitoringCase, few: MonitoringCase }).parse(read('monitoring'));

/** Every number of `expected` equal to 1e-9, everything else equal; what only `actual` has is not looked at. */
export function assertMatches(actual: unknown, expected: unknown, what: string): void {
  if (typeof expected === 'number') {
    assert.ok(typeof actual === 'number', `${what} is no number`);
    assertClose(actual, expected, what);
  } else if (typeof expected === 'object' && expected !== null) {
    assert.ok(typeof actual === 'object' && actual !== null, `${what} is missing`);
    for (const [key, value] of Object.entries(expected))
      assertMatches((actual as Record<string, unknown>)[key], value, `${what}.${key}`); // any object has such a view
  } else assert.equal(actual, expected, what);
}

function read(name: string): unknown {
  // The tests run from dist/, the files stay in test/.
  const file = new URL(`../../../test/activities/fixtures/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}
