import assert from 'node:assert/strict';
import { z } from 'zod';
import { columnsOf } from '../../src/contracts/columns.js';
import { DatasetRef, ModelRef } from '../../src/contracts/refs.js';

const Flight = z.object({
  id: z.string(),
  distance: z.number(),
  seats: z.int().nullable(),
  late: z.boolean(),
  departs: z.iso.datetime(),
  carrier: z.enum(['AA', 'UA']),
  gate: z.string().optional(),
});
const bytes = { uri: `artifact://sha256/${'a'.repeat(64)}`, sha256: 'a'.repeat(64), sizeBytes: 1 };

describe('columns of a row schema', () => {
  it('have a type each, and say whether they may be missing', () => {
    assert.deepEqual(columnsOf(Flight), [
      { name: 'id', type: 'string', nullable: false },
      { name: 'distance', type: 'number', nullable: false },
      { name: 'seats', type: 'integer', nullable: true },
      { name: 'late', type: 'boolean', nullable: false },
      { name: 'departs', type: 'timestamp', nullable: false },
      { name: 'carrier', type: 'string', nullable: false },
      { name: 'gate', type: 'string', nullable: true },
    ]);
  });

  it('are scalars: a nested object is refused by its name', () => {
    assert.throws(() => columnsOf(z.object({ a: z.object({ b: z.string() }) })), {
      code: 'TY1002',
      message: /row\.a: a column is one of/,
    });
  });
});

describe('refs', () => {
  const dataset = { ...bytes, kind: 'dataset' as const, rows: 3, columns: columnsOf(Flight), splits: {} };

  it('take a dataset that has more columns than are asked for', () => {
    assert.deepEqual(DatasetRef.of(z.object({ id: z.string() })).parse(dataset), dataset);
  });

  it('name the columns that a dataset lacks, by name and type', () => {
    const parsed = DatasetRef.of(Flight).safeParse({ ...dataset, columns: dataset.columns.slice(1) });
    assert.match(parsed.error?.message ?? '', /the dataset lacks id \(string\)/);
  });

  it('refuse a column of another type, but take an integer for a number', () => {
    assert.equal(DatasetRef.of(z.object({ id: z.number() })).safeParse(dataset).success, false);
    assert.equal(DatasetRef.of(z.object({ seats: z.number().nullable() })).safeParse(dataset).success, true);
  });

  it('refuse a dataset where a model is asked for', () => {
    const Model = ModelRef.of({ input: Flight, output: z.object({ probability: z.number() }) });
    assert.match(Model.safeParse(dataset).error?.message ?? '', /kind/);
  });

  it('refuse a model that needs a column that the rows lack', () => {
    const model = { ...bytes, kind: 'model', inputs: columnsOf(z.object({ tail: z.string() })), outputs: [] };
    const parsed = ModelRef.of({ input: Flight, output: z.object({}) }).safeParse(model);
    assert.match(parsed.error?.message ?? '', /which the model needs, tail \(string\)/);
  });
});
