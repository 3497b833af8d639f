/** What may be done to a model. @module */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ModelChange, models, type ModelState } from '../../src/contracts/model-registry.js';
import { ModelVersion } from '../../src/contracts/model-version.js';
import { hasVersion, withVersion } from '../../src/contracts/version-set.js';

const sha256 = 'a'.repeat(64);
const version = ModelVersion.parse({ model: { uri: `artifact://sha256/${sha256}`, sha256, sizeBytes: 7 } });
const register = (count: number): ModelChange => ({
  type: 'register',
  versions: Array<ModelVersion>(count).fill(version),
});
const set = (alias: string, number: number, from?: number | null): ModelChange => ({
  type: 'setAlias',
  alias,
  version: number,
  from,
});

/** The state after these changes, the n-th of them in generation n. */
function after(...changes: readonly ModelChange[]): ModelState {
  return changes.reduce((state, change, at) => apply(state, change, at + 1).state, models.initial);
}

function apply(state: ModelState, change: ModelChange, generation = 99) {
  return models.apply(state, change, { at: '2026-03-01T12:00:00.000Z', generation });
}

describe('a model of the registry', () => {
  it('numbers versions from 1, and never uses a number again', () => {
    const { state, result } = apply(after(register(2)), register(3));
    assert.deepEqual(result, { type: 'registered', first: 3, count: 3 });
    assert.equal(apply(state, { type: 'archive', version: 5 }).state.next, 6);
  });

  it('rolls an alias back to what it had before, step by step, and no further', () => {
    const back: ModelChange = { type: 'rollBack', alias: 'champion' };
    const moved = after(register(3), set('champion', 1), set('champion', 3), set('champion', 3), set('champion', 2));
    const once = apply(moved, back);
    assert.deepEqual(once.result, { type: 'aliased', alias: 'champion', version: 3, before: 2 });
    const twice = apply(once.state, back);
    assert.equal(twice.state.aliases['champion']?.version, 1);
    assert.throws(() => apply(twice.state, back), { code: 'TY2104' });
  });

  it('archives no version that carries an alias, and gives none to one that is archived', () => {
    const state = after(register(2), set('champion', 1), set('champion', 2));
    assert.throws(() => apply(state, { type: 'archive', version: 2 }), {
      code: 'TY2103',
      what: 'version 2 is champion',
    });
    const archived = apply(state, { type: 'archive', version: 1 }).state;
    assert.throws(() => apply(archived, set('challenger', 1)), { code: 'TY2102' });
    assert.throws(() => apply(archived, { type: 'archive', version: 1 }), { code: 'TY2102' });
    assert.throws(() => apply(archived, { type: 'rollBack', alias: 'champion' }), { code: 'TY2104' });
  });

  it('moves an alias only from where it was seen, if that is said', () => {
    const state = after(register(3), set('champion', 1));
    assert.throws(() => apply(state, set('champion', 3, 2)), {
      code: 'TY2105',
      what: '"champion" points at version 1, not at 2 as expected',
    });
    assert.equal(apply(state, set('champion', 3, 1)).state.aliases['champion']?.version, 3);
    assert.throws(() => apply(state, set('champion', 3, null)), { code: 'TY2105' });
  });

  it('refuses what is not there, whatever its name', () => {
    const state = after(register(1));
    assert.throws(() => apply(state, set('champion', 2)), { code: 'TY2101' });
    assert.throws(() => apply(state, { type: 'removeAlias', alias: 'constructor' }), { code: 'TY2101' });
    assert.throws(() => apply(state, { type: 'annotate', version: 2 }), { code: 'TY2101' });
  });

  it('refuses a change that is too large to travel', () => {
    const card = { intendedUse: 'x'.repeat(10_000) };
    const change: ModelChange = { type: 'register', versions: Array<ModelVersion>(4).fill({ ...version, card }) };
    assert.throws(() => apply(models.initial, change), { code: 'TY2106' });
  });

  it('stays below 16 KiB with 5,000 versions and as many aliases as there may be', () => {
    let state = after(...Array.from({ length: 50 }, () => register(100)));
    for (let at = 0; at < 32; at++)
      for (let number = 4_000; number < 4_020; number++)
        state = apply(state, set(`alias${at}${'x'.repeat(32)}`, number + at), 100_000).state;
    for (let number = 1; number < 4_000; number += 2) state = apply(state, { type: 'archive', version: number }).state;
    for (let number = 1; number < 5_000; number++)
      state = apply(state, { type: 'annotate', version: number }, 100_000).state;
    const { length } = JSON.stringify(models.state.parse(state));
    assert.ok(length < 16 * 1024, `${length} characters`);
  });
});

describe('a set of versions', () => {
  it('has what was put into it, and nothing else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 300 })), (numbers) => {
        const set = numbers.reduce(withVersion, '');
        for (let number = 1; number <= 301; number++) assert.equal(hasVersion(set, number), numbers.includes(number));
      }),
    );
  });
});
