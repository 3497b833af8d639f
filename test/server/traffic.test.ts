/** Shares of traffic, keys that stick, and revisions that listen. @module */
import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import type { EndpointChange } from '../../src/contracts/endpoints.js';
import type { Traffic } from '../../src/contracts/traffic.js';
import type { Histogram } from '../../src/records/histograms.js';
import { type RevisionCounts, trafficWindows } from '../../src/records/traffic-windows.js';
import { pointOf } from '../../src/server/choose-revision.js';
import { until } from '../support/until.js';
import { changeEndpoint, deploy, infer, jsonOf, modelOf, serve, tabularInputs } from './support.js';

/** Two servers over an endpoint with revisions 1 and 2. */
async function twoRevisions(traffic: Omit<Traffic, 'shadows'> & { shadows?: number[] }, options = {}) {
  const store = new MemoryStore();
  await deploy(store, 'late', await modelOf(store, 'tabular-1'));
  await deploy(store, 'late', await modelOf(store, 'tabular-2'), { traffic: 'none' });
  const change: EndpointChange = { kind: 'setTraffic', traffic: { shadows: [], ...traffic } };
  const { generation } = await changeEndpoint(store, 'late', change);
  const servers = [await serve(store, { countsEveryMs: 20, ...options }), await serve(store, { countsEveryMs: 20 })];
  for (const { address } of servers) await until(async () => (await fetch(`${address}/v2/models/late/ready`)).ok);
  return { store, addresses: servers.map(({ address }) => address), generation };
}

async function answering(address: string, headers: Record<string, string> = {}, parameters?: object) {
  const answer = await infer(address, 'late', { inputs: tabularInputs(), ...(parameters && { parameters }) }, headers);
  assert.equal(answer.status, 200, new TextDecoder().decode(answer.bytes));
  assert.equal(answer.headers.get('x-trainyard-revision'), jsonOf(answer).model_version);
  return Number(answer.headers.get('x-trainyard-revision'));
}

const half: Omit<Traffic, 'shadows'> = {
  mode: 'ab',
  shares: [
    { revision: 1, share: 0.5 },
    { revision: 2, share: 0.5 },
  ],
};

async function counted(store: MemoryStore, generation: number) {
  const counts: RevisionCounts[] = [];
  for await (const { revisions } of trafficWindows(store, 'late', { generation })) counts.push(...revisions);
  const of = (revision: number) => {
    const mine = counts.filter((one) => one.revision === revision);
    const sum = (pick: (one: (typeof mine)[number]) => number) => mine.reduce((total, one) => total + pick(one), 0);
    return {
      requests: sum(({ requests }) => requests),
      errors: sum(({ errors }) => errors),
      answered: sum(({ latency }) => total(latency)),
      executed: sum(({ execution }) => total(execution ?? {})),
      values: sum(({ outputs }) => total(outputs['late']?.values ?? {})),
    };
  };
  return { 1: of(1), 2: of(2) };
}

function total(histogram: Histogram): number {
  return Object.values(histogram).reduce((a, b) => a + b, 0);
}

describe('the traffic of an endpoint', () => {
  it('is shared out by chance where a request has no key', async () => {
    const { addresses } = await twoRevisions(half);
    const seen = new Set<number>();
    await until(async () => seen.add(await answering(addresses[0]!)).size === 2);
  });

  it('goes by a key, from a header or a parameter, the same on every server', async () => {
    const { addresses } = await twoRevisions({ ...half, stickyBy: 'customer' });
    for (const key of ['ana', 'bo', 'cleo', 'dan', 'eva', 'finn']) {
      const expected = pointOf('late', key) < 0.5 ? 2 : 1;
      for (const address of addresses) {
        assert.equal(await answering(address, { 'x-trainyard-key': key }), expected);
        assert.equal(await answering(address, {}, { customer: key }), expected);
      }
    }
  });

  it('hashes keys as its documentation says', () => {
    // printf 'late\nana' | sha256sum | cut -c1-12, over 2^48
    assert.equal(pointOf('late', 'ana').toFixed(12), '0.221275353741');
  });

  it('reaches a revision without a share where a request names it', async () => {
    const { addresses, store, generation } = await twoRevisions({
      mode: 'single',
      shares: [
        { revision: 1, share: 1 },
        { revision: 2, share: 0 },
      ],
    });
    const [address] = addresses;
    const answer = await infer(address!, 'late/versions/2', { inputs: tabularInputs() });
    assert.equal(jsonOf(answer).model_version, '2');
    assert.equal(await answering(address!), 1);
    await until(async () => (await counted(store, generation))[1].requests === 1);
    assert.equal((await counted(store, generation))[2].requests, 0, 'whoever names a version tests it');
  });

  it('is mirrored to revisions that listen; callers get the answer of the other one, and both are counted', async () => {
    const shares = [{ revision: 1, share: 1 }];
    const { addresses, store, generation } = await twoRevisions({ mode: 'shadow', shares, shadows: [2] });
    for (let request = 0; request < 5; request++) assert.equal(await answering(addresses[0]!), 1);
    await until(async () => (await counted(store, generation))[2].requests === 5);
    const seen = await counted(store, generation);
    for (const revision of [1, 2] as const) {
      const { requests, errors, answered, values } = seen[revision];
      assert.deepEqual({ requests, errors, answered, values }, { requests: 5, errors: 0, answered: 5, values: 20 });
    }
    await infer(addresses[0]!, 'late', { inputs: [] });
    await until(async () => (await counted(store, generation))[1].errors === 1);
  });

  it('tells how long the models themselves ran, of what answers and of what listens', async () => {
    const shares = [{ revision: 1, share: 1 }];
    const { addresses, store, generation } = await twoRevisions({ mode: 'shadow', shares, shadows: [2] });
    for (let request = 0; request < 3; request++) {
      await answering(addresses[0]!);
      await until(async () => (await counted(store, generation))[2].requests === request + 1);
    }
    await until(async () => (await counted(store, generation))[1].requests === 3);
    const seen = await counted(store, generation);
    assert.deepEqual([seen[1].executed, seen[2].executed], [3, 3]);
  });

  it('does not notice when what listens fails', async () => {
    const store = new MemoryStore();
    await deploy(store, 'late', await modelOf(store, 'tabular-1'));
    await deploy(store, 'late', await modelOf(store, 'slow'), { traffic: 'none' });
    const traffic: Traffic = { mode: 'shadow', shares: [{ revision: 1, share: 1 }], shadows: [2] };
    const { generation } = await changeEndpoint(store, 'late', { kind: 'setTraffic', traffic });
    const { address } = await serve(store, { countsEveryMs: 20 });
    await until(async () => (await fetch(`${address}/v2/models/late/ready`)).ok);
    assert.equal(await answering(address), 1);
    await until(async () => (await counted(store, generation))[2].errors === 1);
    assert.equal(await answering(address), 1);
  });
});
