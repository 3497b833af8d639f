/** Clients that ask through twenty swaps and three rollbacks: nobody notices. The long version is `dist/bench/swaps.js`. @module */
import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { until } from '../support/until.js';
import { changeEndpoint, deploy, infer, modelOf, serve, tabularInputs } from './support.js';

describe('twenty swaps and three rollbacks under load', () => {
  it('fail no request, on either of two servers', async () => {
    const store = new MemoryStore();
    const models = [await modelOf(store, 'tabular-1'), await modelOf(store, 'tabular-2')] as const;
    await deploy(store, 'late', models[0]);
    const servers = [await serve(store), await serve(store)];
    const ready = async (address: string) => (await fetch(`${address}/v2/models/late/ready`)).ok;
    for (const { address } of servers) await until(() => ready(address));
    const asked = { stopped: false, failed: 0, requests: 0 };
    const newest = new Map<string, string | null>();
    const clients = servers.map(async ({ address }) => {
      while (!asked.stopped) {
        const { status, headers } = await infer(address, 'late', { inputs: tabularInputs() });
        asked.requests++;
        if (status !== 200) asked.failed++;
        newest.set(address, headers.get('x-trainyard-revision'));
      }
    });
    const followed = (revision: number | null) =>
      until(() => servers.every(({ address }) => newest.get(address) === String(revision)));
    for (let swap = 1; swap <= 20; swap++) {
      const { revision } = await deploy(store, 'late', models[swap % 2]!);
      await followed(revision);
      if (swap % 7 !== 0 && swap !== 20) continue;
      const back = await changeEndpoint(store, 'late', { kind: 'rollBack' });
      await followed(back.revision);
    }
    asked.stopped = true;
    await Promise.all(clients);
    assert.equal(asked.failed, 0);
    assert.ok(asked.requests > 40);
  });
});
