import assert from 'node:assert/strict';
import { z } from 'zod';
import { canonicalJson } from '../../src/contracts/canonical-json.js';
import { assertSurvivesJson } from '../../src/contracts/json-schema.js';

describe('schemas that survive JSON', () => {
  it('accepts objects, arrays, enums, unions, defaults, refinements and records', () => {
    const schema = z.object({
      name: z.string().min(1),
      epochs: z.int().positive().default(20),
      mode: z.enum(['a', 'b']).optional(),
      either: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('x') }),
        z.object({ kind: z.literal('y'), n: z.number() }),
      ]),
      tags: z.array(z.string()).refine((tags) => tags.length < 9),
      counts: z.record(z.string(), z.number().nullable()),
      at: z.iso.datetime(),
    });
    assert.doesNotThrow(() => {
      assertSurvivesJson(schema, 'stage x: input');
    });
  });

  const refused: [string, z.ZodType, RegExp][] = [
    ['a date', z.object({ when: z.object({ at: z.date() }) }), /input\.when\.at: a date does not survive JSON/],
    ['a bigint in a list', z.object({ ids: z.array(z.bigint()) }), /input\.ids\[\]: a bigint/],
    ['a map', z.object({ m: z.map(z.string(), z.string()) }), /input\.m: a map/],
    ['a transform', z.object({ n: z.string().transform(Number) }), /input\.n: a transform changes/],
    ['a coercion', z.object({ n: z.coerce.number() }), /input\.n: a coercion changes/],
    ['a trim', z.object({ s: z.string().trim() }), /input\.s: an overwriting check/],
    ['a catch', z.object({ s: z.string().catch('') }), /input\.s: a catch changes/],
    ['a date in a union', z.object({ u: z.union([z.string(), z.date()]) }), /input\.u.*: a date/],
    ['a date behind a default', z.object({ d: z.date().optional() }), /input\.d: a date/],
  ];
  for (const [what, schema, message] of refused)
    it(`refuses ${what}, naming its path`, () => {
      assert.throws(
        () => {
          assertSurvivesJson(schema, 'input');
        },
        { code: 'TY1002', message },
      );
    });
});

describe('canonical JSON', () => {
  it('spells equal values alike, whatever the order of their keys', () => {
    assert.equal(canonicalJson({ b: [1, { d: 2, c: 3 }], a: null }), '{"a":null,"b":[1,{"c":3,"d":2}]}');
  });

  it('leaves undefined properties out, as JSON does', () => {
    assert.equal(canonicalJson({ a: undefined, b: 1 }), '{"b":1}');
  });
});
