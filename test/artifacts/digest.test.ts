import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { digestFile, digestJson, sha256 } from '../../src/artifacts/digest.js';
import { canonicalJson } from '../../src/contracts/canonical-json.js';
import { bytes, temporaryFolder } from './support.js';

describe('digests', () => {
  it('are those of sha256 for bytes, strings and files', async () => {
    // FIPS 180-2, appendix B.1
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    const path = join(await temporaryFolder(), 'abc');
    await writeFile(path, 'abc');
    assert.equal(sha256('abc'), abc);
    assert.equal(sha256(bytes('abc')), abc);
    assert.deepEqual(await digestFile(path), { sha256: abc, sizeBytes: 3 });
  });
});

describe('canonical JSON', () => {
  it('is what RFC 8785 shows in sections 3.2.2 and 3.2.3', () => {
    const example = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    assert.equal(
      canonicalJson(example),
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    assert.deepEqual(
      Object.values(JSON.parse(canonicalJson(keys).replace('"1"', '"one"')) as object),
      [2, 4, 6, 7, 1, 5, 3],
    );
  });

  it('parses back to the same value, and does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
    assert.equal(digestJson({ a: 1, b: { c: 2, d: 3 } }), digestJson({ b: { d: 3, c: 2 }, a: 1 }));
  });

  it('leaves out what is undefined, and refuses what JSON would change silently', () => {
    assert.equal(canonicalJson({ a: undefined, b: 1 }), '{"b":1}');
    for (const value of [NaN, Infinity, 1n, () => 1, new Date(0), new Map(), [undefined], undefined, Symbol('s')])
      assert.throws(() => canonicalJson({ value: [value] }), /JSON cannot carry/);
  });
});
