/** Who signed a record. @module */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore } from '../../src/artifacts/memory-store.js';

import { changeDirectly, latestEntityHead } from '../../src/records/entity-heads.js';
import { keyIdOf, openSigner, signerOf, trustedKeys } from '../../src/records/signing.js';
import { counters } from '../entities/counters.js';

const author = { name: 'ana', standing: 'claimed' } as const;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const trusted = new Map([[keyIdOf(publicKey), createPublicKey(privateKey)]]);

async function signedStore(signer = signerOf(privateKey)) {
  const store = new MemoryStore();
  await changeDirectly(store, counters, 'one', { id: 'a', reason: 'a test', change: { add: 1 } }, author, signer);
  return store;
}

describe('a signed head', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trainyard-keys-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('names its author to whoever trusts the key, and is read by all others', async () => {
    const store = await signedStore();
    const read = async (keys: typeof trusted) =>
      (await latestEntityHead({ store, trusted: keys }, counters, 'one'))?.author;
    assert.deepEqual(await read(trusted), { state: 'verified', keyId: keyIdOf(publicKey) });
    assert.deepEqual(await read(new Map()), { state: 'unknown-key', keyId: keyIdOf(publicKey) });
  });

  it('is refused under another name and after a change of its words', async () => {
    const store = await signedStore();
    const bytes = await store.read('heads/counters/one/000000000001.json');
    await store.create('heads/counters/two/000000000001.json', bytes!);
    await assert.rejects(latestEntityHead({ store, trusted }, counters, 'two'), { code: 'TY1310' });
    const other = generateKeyPairSync('ed25519').privateKey;
    const forged = {
      ...signerOf(other),
      sign: (message: string) => ({ ...signerOf(other).sign(message), keyId: keyIdOf(publicKey) }),
    };
    await assert.rejects(latestEntityHead({ store: await signedStore(forged), trusted }, counters, 'one'), {
      code: 'TY1310',
    });
  });

  it('is signed with a key of the project, made once, private, and trusted on its machine', async () => {
    const first = openSigner(folder);
    assert.equal(openSigner(folder).keyId, first.keyId);
    assert.equal((await stat(join(folder, '.trainyard/keys/signing.pem'))).mode & 0o777, 0o600);
    assert.deepEqual([...trustedKeys(folder).keys()], [first.keyId]);
    assert.equal(trustedKeys(join(folder, 'elsewhere')).size, 0);
  });

  it('says which file is no key', async () => {
    const file = join(folder, 'no.pem');
    await writeFile(file, 'no key');
    process.env['TRAINYARD_SIGNING_KEY'] = file;
    process.env['TRAINYARD_TRUSTED_KEYS'] = file;
    try {
      assert.throws(() => openSigner(folder), { code: 'TY1311' });
      assert.throws(() => trustedKeys(folder), { code: 'TY1311' });
    } finally {
      for (const name of ['TRAINYARD_SIGNING_KEY', 'TRAINYARD_TRUSTED_KEYS']) Reflect.deleteProperty(process.env, name);
    }
  });
});
