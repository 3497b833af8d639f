import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseWithFloatLists } from '../../src/server/float-lists.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** The list as `JSON.parse` and `Math.fround` give it. */
function reference(text: string): (number | null)[] {
  return (JSON.parse(text) as { data: (number | null)[] }).data.map((value) =>
    value === null ? NaN : Math.fround(value),
  );
}

function assertAgrees(text: string) {
  const { data } = parseWithFloatLists(bytes(text)) as { data: unknown };
  assert.ok(data instanceof Float32Array, text);
  const expected = reference(text);
  data.forEach((value, index) => {
    assert.ok(Object.is(value, expected[index]), `${text}: ${value}`);
  });
  assert.equal(data.length, expected.length);
}

describe('float lists', () => {
  it('are read to the very FP32 values of JSON.parse, however a number is written', () => {
    const digits = fc.stringMatching(/^[0-9]{1,25}$/);
    const written = fc
      .tuple(
        fc.boolean(),
        fc.oneof(fc.nat(20_000_000).map(String), fc.constant('0')),
        fc.option(digits),
        fc.option(fc.integer({ min: -45, max: 20 })),
      )
      .map(
        ([negative, whole, fraction, exponent]) =>
          `${negative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
      )
      .filter((text) => Number.isFinite(Math.fround(Number(text))));
    const plain = fc
      .oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.double({ min: -1e9, max: 1e9, noNaN: true }))
      .map(String);
    const halfway = fc
      .float({ min: Math.fround(1e-6), max: Math.fround(1e6), noNaN: true })
      .map((value) => String(value * (1 + 2 ** -24)));
    const list = fc.array(fc.oneof(written, plain, halfway, fc.constant('null')), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(list, fc.constantFrom(',', ', ', ' ,\n\t'), (numbers, comma) => {
        assertAgrees(`{"data":[${numbers.join(comma)}]}`);
      }),
      { numRuns: 5_000, seed: 20_261_121 },
    );
  });

  it('longer than a thousand numbers are read whole', () => {
    assertAgrees(`{"data" : [ ${Array.from({ length: 5_000 }, (_, index) => index / 7).join(' , ')} ] }`);
  });

  it('are not seen in strings, and everything else is what JSON.parse gives', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string().map((text) => JSON.stringify({ id: text, [text]: '"data":[1]' })),
        ),
        (text) => {
          assert.deepEqual(parseWithFloatLists(bytes(text)), JSON.parse(text));
        },
      ),
      { numRuns: 2_000, seed: 20_261_121 },
    );
    for (const text of [
      '{"a":"\\"data\\":[1,2]"}',
      '{"a\\"data":["x"]}',
      '{"data":[]}',
      '{"data":[[1],[2]]}',
      '{"data":["1"]}',
      '{"data":[1e39]}',
    ])
      assert.deepEqual(parseWithFloatLists(bytes(text)), JSON.parse(text));
  });

  it('that are not JSON are refused like JSON.parse refuses them', () => {
    for (const list of [
      '01',
      '1.',
      '.5',
      '+1',
      '1e',
      '--1',
      '1 2',
      '1,',
      ',1',
      'nul',
      'NaN',
      '0x10',
      '1,,2',
      '1',
      '1]]',
    ])
      assert.throws(() => parseWithFloatLists(bytes(`{"data":[${list}${list === '1' ? '' : ']'}}`)), SyntaxError, list);
  });
});
