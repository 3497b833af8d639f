/** The rules of endpoints. @module */
import assert from 'node:assert/strict';
import { type EndpointChange, endpoints, type EndpointState } from '../../src/contracts/endpoints.js';
import { revisionAt, singleTraffic, type Traffic } from '../../src/contracts/traffic.js';

const modelOf = (letter: string) => ({
  uri: `artifact://sha256/${letter.repeat(64)}`,
  sha256: letter.repeat(64),
  sizeBytes: 1,
});
const deploy = (letter: string, more: object = {}): EndpointChange => ({
  kind: 'deploy',
  model: modelOf(letter),
  traffic: 'all',
  ...more,
});
const canary = (old: number, fresh: number, share: number): Traffic => ({
  mode: 'canary',
  shares: [
    { revision: old, share: 1 - share },
    { revision: fresh, share },
  ],
  shadows: [],
});

/** An endpoint that is changed step by step. */
class Endpoint {
  state: EndpointState = endpoints.initial;
  generation = 0;

  change(change: EndpointChange): number | null {
    const facts = { at: '2026-11-28T12:00:00.000Z', generation: this.generation + 1 };
    const parsed = endpoints.change.parse(change);
    const { state, result } = endpoints.apply(this.state, parsed, facts);
    this.generation++;
    this.state = endpoints.state.parse(state);
    return result.revision;
  }
}

describe('an endpoint', () => {
  it('gives each deployment a revision of its own and all of the traffic', () => {
    const endpoint = new Endpoint();
    assert.deepEqual([endpoint.change(deploy('a')), endpoint.change(deploy('a'))], [1, 2]);
    assert.deepEqual(endpoint.state.traffic, singleTraffic(2));
  });

  it('rolls back step by step, and refuses to where nothing was before', () => {
    const endpoint = new Endpoint();
    for (const letter of ['a', 'b', 'c']) endpoint.change(deploy(letter));
    assert.deepEqual([endpoint.change({ kind: 'rollBack' }), endpoint.change({ kind: 'rollBack' })], [2, 1]);
    assert.throws(() => endpoint.change({ kind: 'rollBack' }), { code: 'TY2303' });
  });

  it('rolls back all of a change that went on in several steps', () => {
    const endpoint = new Endpoint();
    endpoint.change(deploy('a'));
    endpoint.change(deploy('b'));
    endpoint.change({ kind: 'setTraffic', traffic: canary(1, 2, 0.1) });
    endpoint.change({ kind: 'setTraffic', traffic: singleTraffic(1), goesOn: true });
    assert.equal(endpoint.change({ kind: 'rollBack' }), 2);
  });

  it('takes a revision away that answers nobody, and leaves all others as they are', () => {
    const endpoint = new Endpoint();
    endpoint.change(deploy('a'));
    endpoint.change(deploy('b'));
    const listening: Traffic = { mode: 'shadow', shares: [{ revision: 1, share: 1 }], shadows: [2] };
    endpoint.change({ kind: 'setTraffic', traffic: listening });
    endpoint.change(deploy('c', { traffic: 'none' }));
    const withdraw = (unless: 'answers' | 'listens') => endpoint.change({ kind: 'withdraw', revision: 2, unless });
    assert.deepEqual([withdraw('listens'), withdraw('answers')], [null, 2]);
    const shares = [
      { revision: 1, share: 1 },
      { revision: 4, share: 0 },
    ];
    assert.deepEqual(endpoint.state.traffic, { mode: 'single', shares, shadows: [] });
    assert.deepEqual(
      [endpoint.state.revisions.map(({ id }) => id), endpoint.state.earlier],
      [[1, 4], [singleTraffic(1)]],
    );
    assert.equal(endpoint.change({ kind: 'withdraw', revision: 1, unless: 'answers' }), null);
  });

  it('loads a revision that waits for its traffic, and shares the traffic out', () => {
    const endpoint = new Endpoint();
    endpoint.change(deploy('a'));
    assert.equal(endpoint.change(deploy('b', { traffic: 'none' })), 2);
    assert.deepEqual(endpoint.state.traffic?.shares, [
      { revision: 1, share: 1 },
      { revision: 2, share: 0 },
    ]);
    assert.equal(endpoint.change({ kind: 'setTraffic', traffic: canary(1, 2, 0.25) }), 1);
    endpoint.change({ kind: 'setTraffic', traffic: { ...singleTraffic(1), mode: 'shadow', shadows: [2] } });
    assert.equal(endpoint.state.earlier.length, 2);
  });

  it('refuses traffic that cannot be, and revisions that it does not have', () => {
    const endpoint = new Endpoint();
    endpoint.change(deploy('a'));
    endpoint.change(deploy('b'));
    const set = (traffic: Traffic) => () => endpoint.change({ kind: 'setTraffic', traffic });
    assert.throws(set(canary(1, 3, 0.5)), { code: 'TY2301' });
    assert.throws(set({ ...canary(1, 2, 0.5), mode: 'single' }), { code: 'TY2302' });
    assert.throws(set({ ...singleTraffic(1), mode: 'shadow' }), { code: 'TY2302' });
    assert.throws(set({ ...singleTraffic(1), mode: 'shadow', shadows: [1] }), { code: 'TY2302' });
    assert.throws(set({ mode: 'ab', shares: [{ revision: 1, share: 0.4 }], shadows: [] }), { code: 'TY2302' });
    assert.throws(set({ ...canary(1, 2, 0.5), shares: [{ revision: 1, share: 0.7 }] }), { code: 'TY2302' });
  });

  it('refuses a change that was to replace other traffic', () => {
    const endpoint = new Endpoint();
    endpoint.change(deploy('a'));
    endpoint.change(deploy('b'));
    const traffic = canary(1, 2, 0.5);
    assert.throws(() => endpoint.change({ kind: 'setTraffic', traffic, instead: singleTraffic(1) }), {
      code: 'TY2305',
    });
    endpoint.change({ kind: 'setTraffic', traffic, instead: singleTraffic(2) });
  });

  it('withdraws a revision: the traffic before holds again, or none', () => {
    const endpoint = new Endpoint();
    endpoint.change(deploy('a'));
    endpoint.change(deploy('b'));
    endpoint.change({ kind: 'setTraffic', traffic: canary(1, 2, 0.5) });
    endpoint.change({ kind: 'withdraw', revision: 2 });
    assert.deepEqual(endpoint.state.traffic, singleTraffic(1));
    endpoint.change({ kind: 'withdraw', revision: 1 });
    assert.deepEqual([endpoint.state.traffic, endpoint.state.revisions], [null, []]);
    assert.throws(() => endpoint.change(deploy('c', { traffic: 'none' })), { code: 'TY2304' });
  });

  it('leaves newer traffic alone when an older revision is withdrawn, and never goes back to it', () => {
    const endpoint = new Endpoint();
    for (const letter of ['a', 'b', 'c']) endpoint.change(deploy(letter));
    endpoint.change({ kind: 'withdraw', revision: 2 });
    assert.deepEqual(endpoint.state.traffic, singleTraffic(3));
    assert.equal(endpoint.change({ kind: 'rollBack' }), 1);
  });

  it('goes out of service and comes back', () => {
    const endpoint = new Endpoint();
    endpoint.change(deploy('a'));
    assert.equal(endpoint.change({ kind: 'withdraw' }), null);
    assert.equal(endpoint.change({ kind: 'rollBack' }), 1);
  });

  it('refuses a zombie after a later attempt of its call, even when others deployed since', () => {
    const endpoint = new Endpoint();
    const deployer = (call: string, token: string) => ({ deployer: { call: call.repeat(16), token } });
    endpoint.change(deploy('a', deployer('a', '2')));
    assert.equal(endpoint.change(deploy('a', deployer('a', '3'))), 1, 'a stage that is run again deploys once');
    endpoint.change(deploy('b', deployer('b', '1')));
    assert.throws(() => endpoint.change(deploy('a', deployer('a', '1'))), { code: 'TY1701' });
    assert.equal(endpoint.change(deploy('a', deployer('a', '4'))), 4, 'what was overtaken is deployed anew');
  });

  it('stays small however often it is changed, and forgets no revision that it could need', () => {
    const endpoint = new Endpoint();
    for (let at = 0; at < 200; at++) {
      const deployer = { call: at.toString(16).padStart(16, '0'), token: '0000-1795000000001-0001-aaaaaaaa' };
      const version = { name: 'n'.repeat(100), version: at + 1 };
      const revision = endpoint.change(deploy('a', { deployer, version })) ?? 0;
      if (at > 0)
        endpoint.change({ kind: 'setTraffic', traffic: canary(revision, endpoint.state.revisions[0]!.id, 0.3) });
    }
    assert.ok(JSON.stringify(endpoint.state).length < 16_384);
    for (let left = endpoint.state.earlier.length; left > 0; left--) endpoint.change({ kind: 'rollBack' });
  });
});

describe('the revision of a point', () => {
  it('stays with whoever met a new revision while its share grows', () => {
    for (const point of [0, 0.01, 0.049, 0.2, 0.7, 0.999])
      for (const [before, after] of [
        [0.05, 0.25],
        [0.25, 0.9],
      ] as const)
        if (revisionAt(canary(1, 2, before), point) === 2) assert.equal(revisionAt(canary(1, 2, after), point), 2);
    assert.equal(revisionAt(canary(1, 2, 0.05), 0.049), 2);
    assert.equal(revisionAt(canary(1, 2, 0.05), 0.05), 1);
  });

  it('is one for every point, however the shares are rounded', () => {
    const thirds: Traffic = {
      mode: 'ab',
      shares: [1, 2, 3].map((revision) => ({ revision, share: 1 / 3 })),
      shadows: [],
    };
    assert.equal(revisionAt(thirds, 1 - 2 ** -53), 1);
  });
});
