/** What a server keeps: it starts from it while the store is away, and nobody else has it. @module */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { endpoints } from '../../src/contracts/endpoints.js';
import { changeDirectly } from '../../src/records/entity-heads.js';
import { serversOf } from '../../src/records/endpoints.js';
import { signerOf } from '../../src/records/signing.js';
import { temporaryFolder } from '../artifacts/support.js';
import { until } from '../support/until.js';
import { changeEndpoint, deploy, infer, jsonOf, modelOf, serve, tabularInputs } from './support.js';

const versionOf = async (address: string) =>
  jsonOf(await infer(address, 'late', { inputs: tabularInputs() })).model_version;
const answers = (address: string) => until(async () => (await fetch(`${address}/v2/models/late/ready`)).ok);

/** A store on disk with a deployment, and a folder for servers. */
async function deployed() {
  const root = await temporaryFolder();
  await mkdir(join(root, 'there'));
  await writeFile(join(root, 'away'), '');
  // Changes at one blow: the server looks at the store all the time.
  const move = async (to: 'there' | 'away') => {
    await symlink(join(root, to), join(root, 'next'));
    await rename(join(root, 'next'), join(root, 'store'));
  };
  await move('there');
  const store = await openFileStore(join(root, 'store'));
  await deploy(store, 'late', await modelOf(store, 'tabular-1'));
  return { move, store, folder: join(root, 'serve') };
}

describe('a server with a folder of its own', () => {
  it('starts from it while the store is away, and goes on where the store stands when it is back', async () => {
    const { move, store, folder } = await deployed();
    const first = await serve(store, { folder });
    await answers(first.address);
    await first.close();
    await move('away'); // a plain file: every call of the store fails
    const second = await serve(store, { folder });
    await answers(second.address);
    assert.equal((await fetch(`${second.address}/v2/health/ready`)).status, 200);
    assert.equal(await versionOf(second.address), '1');
    await move('there');
    await deploy(store, 'late', await modelOf(store, 'tabular-2'));
    await until(async () => (await versionOf(second.address)) === '2');
    await until(async () => (await serversOf(store, 'late')).some((one) => one.address === second.address));
  });

  it('asks the store where its own copy is damaged', async () => {
    const { store, folder } = await deployed();
    const first = await serve(store, { folder });
    await answers(first.address);
    await first.close();
    const models = join(folder, '1', 'models');
    const [name] = await readdir(models);
    await rename(join(models, name!), join(folder, 'old'));
    await writeFile(join(models, name!), 'damaged');
    const second = await serve(store, { folder });
    await answers(second.address);
    assert.equal(await versionOf(second.address), '1');
  });

  it('keeps only what is served, under a name that stays', async () => {
    const { store, folder } = await deployed();
    const [one, other] = [await serve(store, { folder }), await serve(store, { folder })];
    await Promise.all([answers(one.address), answers(other.address)]);
    await until(async () => (await serversOf(store, 'late')).length === 2);
    for (const name of ['tabular-2', 'tabular-1', 'tabular-2']) await deploy(store, 'late', await modelOf(store, name));
    await until(async () => (await versionOf(one.address)) === '4');
    await until(async () => (await readdir(join(folder, '1', 'models'))).length === 1);
    await one.close();
    const again = await serve(store, { folder });
    await until(async () => (await serversOf(store, 'late')).some(({ address }) => address === again.address));
    assert.equal((await serversOf(store, 'late')).length, 2);
  });
});

describe('a server that follows signed heads only', () => {
  it('refuses what nobody signed, or a stranger, and follows the next one that counts', async () => {
    const store = new MemoryStore();
    const [ours, strangers] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
    const signer = signerOf(ours.privateKey);
    const trusted = new Map([[signer.keyId, createPublicKey(ours.privateKey)]]);
    const signed = async (id: string, key = ours.privateKey) => {
      const model = await modelOf(store, 'tabular-1');
      const request = { id, reason: 'a test', change: { kind: 'deploy', model, traffic: 'all' } as const };
      const by = { name: 'ana', standing: 'claimed' } as const;
      await changeDirectly(store, endpoints, 'late', request, by, signerOf(key));
    };
    await signed('a');
    const { address } = await serve(store, { trusted, signedOnly: true });
    await answers(address);
    await signed('b', strangers.privateKey);
    await changeEndpoint(store, 'late', { kind: 'rollBack' });
    assert.equal(await versionOf(address), '1');
    await signed('c');
    await until(async () => (await versionOf(address)) === '4');
  });
});
