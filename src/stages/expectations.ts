/** What a dataset should be like, as data, and the report of whether it is. @module */
import { z } from 'zod';
import type { RowSchema } from '../contracts/columns.js';
import { columnName } from './column-name.js';

const Instant = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);
const severity = z.enum(['error', 'warning']).default('error');
const share = z.number().min(0).max(1);

/**
 * A schema of expectations of a row's columns. A null breaks `notNull` only. Those of one row each (`notNull`, `between`,
 * `inSet`, `matches`) count rows; `unique` counts the rows beyond the first of each key.
 */
export function expectationOf<Row extends RowSchema>(row: Row) {
  const column = columnName(row);
  const columns = z.array(column).min(1);
  return z.discriminatedUnion('expect', [
    z.object({ expect: z.literal('notNull'), column, severity }),
    z.object({ expect: z.literal('unique'), columns, severity }),
    /** Both ends included; for instants ISO 8601. */
    z.object({
      expect: z.literal('between'),
      column,
      min: z.union([z.number(), Instant]).optional(),
      max: z.union([z.number(), Instant]).optional(),
      severity,
    }),
    z.object({
      expect: z.literal('inSet'),
      column,
      values: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
      severity,
    }),
    /** The whole text, by a pattern of RE2: https://github.com/google/re2/wiki/Syntax */
    z.object({ expect: z.literal('matches'), column, pattern: z.string(), severity }),
    /** Of one split, or of all. */
    z.object({
      expect: z.literal('rowCount'),
      split: z.string().optional(),
      min: z.int().nonnegative().optional(),
      max: z.int().nonnegative().optional(),
      severity,
    }),
    /** The latest instant is at most so many hours before `asOf`: never the clock's now, so that a rerun says the same. */
    z.object({ expect: z.literal('freshness'), column, asOf: Instant, maxAgeHours: z.number().positive(), severity }),
    /** Every value of the column has at least this share of the rows that have one. */
    z.object({ expect: z.literal('classBalance'), column, min: share, severity }),
    /** No key stands in two splits. */
    z.object({ expect: z.literal('noSharedKeys'), columns, severity }),
  ]);
}

/** Any expectation, whatever the row. */
export type Expectation = z.output<ReturnType<typeof expectationOf>>;

/** One expectation and what was found. */
const Finding = z.object({
  expectation: z.record(z.string(), z.json()),
  severity: z.enum(['error', 'warning']),
  passed: z.boolean(),
  /** Rows, keys or classes that break it. */
  failing: z.int().nonnegative(),
  /** What was measured, where it is one value. */
  observed: z.json().optional(),
  /** Up to ten rows, keys or classes that break it. */
  samples: z.array(z.record(z.string(), z.json())),
});
export type Finding = z.output<typeof Finding>;

/** The report of `validate`. */
export const ValidationReport = z.object({
  /** Digest of the dataset. */
  dataset: z.string(),
  rows: z.int().nonnegative(),
  passed: z.boolean(),
  findings: z.array(Finding),
});
export type ValidationReport = z.output<typeof ValidationReport>;
