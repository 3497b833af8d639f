/** The log of requests and labels: what was answered is written down once, whatever is killed. @module */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openFileStore } from '../../src/artifacts/file-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import type { ListenedRow, LoggedRow } from '../../src/records/log-tables.js';
import {
  afterSegment,
  labelledRows,
  type LogCursor,
  logSegments,
  readListenedRows,
  readLoggedRows,
} from '../../src/records/request-log.js';
import { latestEndpoint } from '../../src/records/endpoints.js';
import { temporaryFolder } from '../artifacts/support.js';
import { until } from '../support/until.js';
import { changeEndpoint, deploy, expected, infer, jsonOf, modelOf, serve, tabularInputs } from './support.js';

const [firstRow] = expected.rows;
const oneRow = tabularInputs([firstRow!]);

async function rowsOf(store: ArtifactStore, cursor?: LogCursor): Promise<LoggedRow[]> {
  const rows: LoggedRow[] = [];
  for await (const segment of logSegments(store, 'late', 'requests', cursor))
    rows.push(...(await readLoggedRows(store, segment)));
  return rows;
}

async function listenedOf(store: ArtifactStore): Promise<ListenedRow[]> {
  const rows: ListenedRow[] = [];
  for await (const segment of logSegments(store, 'late', 'listened'))
    rows.push(...(await readListenedRows(store, segment)));
  return rows;
}

async function labelled(store: ArtifactStore) {
  const found: Record<string, unknown> = {};
  for await (const { id, label } of labelledRows(store, 'late')) {
    assert.ok(!(id in found));
    found[id] = label;
  }
  return found;
}

/** A store with an endpoint `late`, and a folder for servers. */
async function endpoint(columns: string[] = []) {
  const root = await temporaryFolder();
  const store = await openFileStore(join(root, 'store'));
  await deploy(store, 'late', await modelOf(store, 'tabular-1'));
  await changeEndpoint(store, 'late', { kind: 'setLog', log: { sample: 1, columns } });
  return { root, store, folder: join(root, 'serve') };
}

async function served(columns: string[] = []) {
  const { store, folder } = await endpoint(columns);
  const server = await serve(store, { folder, logEveryMs: 20 });
  await until(async () => (await fetch(`${server.address}/v2/models/late/ready`)).ok);
  return { store, folder, ...server };
}

const label = async (address: string, labels: unknown, name = 'late') =>
  fetch(`${address}/v2/models/${name}/labels`, { method: 'POST', body: JSON.stringify(labels) });

describe('the log of an endpoint', () => {
  it('has each request with its answer, and of its inputs only the columns that the policy names', async () => {
    const { store, address } = await served(['distance', 'carrier']);
    const own = jsonOf(await infer(address, 'late', { id: 'mine', inputs: tabularInputs() }));
    const given = jsonOf(await infer(address, 'late', { inputs: oneRow }));
    assert.equal(own.id, 'mine');
    await until(async () => (await rowsOf(store)).length === 5);
    const rows = await rowsOf(store);
    assert.deepEqual(rows.map(({ id }) => id).sort(), [...[0, 1, 2, 3].map((row) => `mine/${row}`), given.id].sort());
    for (const row of rows.filter(({ id }) => id.startsWith('mine/'))) {
      const at = Number(row.id.slice(5));
      const { carrier, distance } = expected.rows[at]!;
      assert.deepEqual(row.inputs, { distance, carrier: carrier ?? '' });
      assert.ok(Math.abs(row.outputs['late']! - expected.late['tabular-1'][at]!) < 1e-6);
      assert.deepEqual([row.revision, row.generation, row.latencyMs > 0], [1, 2, true]);
    }
  });

  it('keeps no input where nothing is said, and no request that names a version', async () => {
    const { store, address } = await served();
    await infer(address, 'late/versions/1', { inputs: oneRow });
    await infer(address, 'late', { id: 'a', inputs: oneRow });
    await until(async () => (await rowsOf(store)).length > 0);
    assert.deepEqual(
      (await rowsOf(store)).map(({ id, inputs }) => [id, inputs]),
      [['a', {}]],
    );
  });

  it('is read on from where a reader stood', async () => {
    const { store, address } = await served();
    await infer(address, 'late', { id: 'a', inputs: oneRow });
    await until(async () => (await rowsOf(store)).length === 1);
    let cursor: LogCursor = {};
    for await (const segment of logSegments(store, 'late', 'requests')) cursor = afterSegment(cursor, segment);
    assert.equal((await rowsOf(store, cursor)).length, 0);
    await infer(address, 'late', { id: 'b', inputs: oneRow });
    await until(async () => (await rowsOf(store, cursor)).length === 1);
  });

  it('has what a revision that listens would have answered, under the ids of the rows that were answered', async () => {
    const { store, folder } = await endpoint();
    await deploy(store, 'late', await modelOf(store, 'tabular-2'), { traffic: 'none' });
    const shares = [{ revision: 1, share: 1 }];
    const { state } = (await latestEndpoint({ store }, 'late'))!;
    const listener = Math.max(...state.revisions.map(({ id }) => id));
    await changeEndpoint(store, 'late', {
      kind: 'setTraffic',
      traffic: { mode: 'shadow', shares, shadows: [listener] },
    });
    const { address } = await serve(store, { folder, logEveryMs: 20 });
    await until(async () => (await fetch(`${address}/v2/models/late/ready`)).ok);
    await infer(address, 'late', { id: 'mine', inputs: tabularInputs() });
    const { id } = jsonOf(await infer(address, 'late', { inputs: oneRow }));
    await until(async () => (await listenedOf(store)).length === 5 && (await rowsOf(store)).length === 5);
    const rows = await listenedOf(store);
    assert.deepEqual(rows.map((row) => row.id).sort(), (await rowsOf(store)).map((row) => row.id).sort());
    assert.ok(rows.some((row) => row.id === id));
    for (const { id: row, revision, outputs } of rows) {
      const at = row.startsWith('mine/') ? Number(row.slice(5)) : 0;
      assert.equal(revision, listener);
      assert.ok(Math.abs(outputs['late']! - expected.late['tabular-2'][at]!) < 1e-6);
    }
  });

  it('takes labels, joins them by id, and counts the first of each', async () => {
    const { store, address } = await served();
    for (const id of ['a', 'b', 'c']) await infer(address, 'late', { id, inputs: oneRow });
    const answer = await label(address, [
      { id: 'a', label: 1 },
      { id: 'b', label: 'late' },
    ]);
    assert.deepEqual([answer.status, await answer.json()], [200, { accepted: 2 }]);
    await label(address, [{ id: 'a', label: 0 }]);
    await until(async () => Object.keys(await labelled(store)).length === 2);
    assert.deepEqual(await labelled(store), { a: 1, b: 'late' });
  });

  it('refuses what is no label, for no endpoint, and where the server keeps nothing', async () => {
    const { store, address } = await served();
    for (const bad of [{}, [], [{ id: 'a' }], [{ id: '', label: 1 }], [{ id: 'a', label: {} }]])
      assert.equal((await label(address, bad)).status, 400);
    assert.equal((await label(address, [{ id: 'a', label: 1 }], 'other')).status, 404);
    const bare = await serve(store);
    await until(async () => (await fetch(`${bare.address}/v2/models/late/ready`)).ok);
    assert.equal((await label(bare.address, [{ id: 'a', label: 1 }])).status, 503);
  });

  it('loses nothing that was answered when servers are killed, and has nothing twice', async () => {
    const { root, store, folder } = await endpoint();
    const script = fileURLToPath(new URL('log-process.js', import.meta.url));
    const start = async (): Promise<{ child: ChildProcess; address: string }> => {
      const child = spawn(process.execPath, [script, join(root, 'store'), folder], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const [address] = (await once(createInterface(child.stdout), 'line')) as [string];
      await until(async () => (await fetch(`${address}/v2/models/late/ready`)).ok);
      return { child, address };
    };
    const answered: string[] = [];
    for (let round = 0; round < 3; round++) {
      const { child, address } = await start();
      let killed = false;
      const ask = async (client: number) => {
        for (let request = 0; !killed; request++) {
          const id = `${round}-${client}-${request}`;
          try {
            if ((await infer(address, 'late', { id, inputs: oneRow })).status !== 200) continue;
            if ((await label(address, [{ id, label: request }])).status === 200) answered.push(id);
          } catch {
            return; // it was killed
          }
        }
      };
      const before = answered.length;
      const clients = [0, 1].map(ask);
      await until(() => answered.length > before + 20);
      child.kill('SIGKILL');
      await once(child, 'exit');
      killed = true;
      await Promise.all(clients);
    }
    await serve(store, { folder, logEveryMs: 20 });
    await until(async () => {
      const found = await labelled(store);
      return answered.every((id) => id in found);
    });
    const ids = (await rowsOf(store)).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });
});
