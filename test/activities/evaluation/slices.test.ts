/** Slices of a column. @module */
import assert from 'node:assert/strict';
import { KeptColumn } from '../../../activities/evaluation/kept-column.js';
import { slicesOf } from '../../../activities/evaluation/slices.js';
import type { Column } from '../../../src/contracts/columns.js';

/** Value and rows of each slice of a column that arrives in batches. */
function slices(type: Column['type'], ...batches: (readonly string[] | Float64Array)[]) {
  const kept = new KeptColumn(batches.reduce((total, { length }) => total + length, 0));
  for (const batch of batches) kept.append(batch);
  return slicesOf(type, kept.values).slices.map(({ value, rows }) => [value, ...rows]);
}

describe('slicesOf', () => {
  it('has a slice for each text, the largest first, and one for what is missing', () => {
    const batches = [
      ['UA', '', 'AA'],
      ['UA', 'UA', ''],
    ] as const;
    assert.deepEqual(slices('string', ...batches), [
      ['UA', 0, 3, 4],
      ['missing', 1, 5],
      ['AA', 2],
    ]);
  });

  it('has a slice for each of few numbers, booleans and instants', () => {
    assert.deepEqual(slices('integer', Float64Array.of(7, 5, NaN, 7)), [
      ['7', 0, 3],
      ['5', 1],
      ['missing', 2],
    ]);
    assert.deepEqual(slices('boolean', Float64Array.of(1, 0)), [
      ['false', 1],
      ['true', 0],
    ]);
    assert.deepEqual(slices('timestamp', Float64Array.of(1.5)), [['1970-01-01T00:00:01.500Z', 0]]);
  });

  it('cuts many numbers into four ranges of about as many rows', () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => (i === 99 ? NaN : i));
    const found = slices('number', values).map(([value, ...rows]) => [value, rows.length]);
    assert.deepEqual(found, [
      ['> 24.5, ≤ 49', 25],
      ['> 73.5', 25],
      ['≤ 24.5', 25],
      ['> 49, ≤ 73.5', 24],
      ['missing', 1],
    ]);
  });

  it('puts infinite numbers into the outer ranges', () => {
    const values = Float64Array.from({ length: 40 }, (_, i) => (i === 39 ? Infinity : i === 0 ? -Infinity : i));
    const found = new Map(slices('number', values).map(([value, ...rows]) => [value, rows]));
    assert.ok(found.get('≤ 10.25')?.includes(0));
    assert.ok(found.get('> 28.75')?.includes(39));
  });

  it('keeps the hundred largest, and counts the others', () => {
    const kept = new KeptColumn(250);
    kept.append(Array.from({ length: 250 }, (_, i) => `tail ${i % 120}`));
    const { slices: found, leftOut } = slicesOf('string', kept.values);
    assert.equal(found.length, 100);
    assert.equal(leftOut, 20);
    assert.equal(found[0]?.rows.length, 3);
  });
});
