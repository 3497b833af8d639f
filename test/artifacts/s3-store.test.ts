import { rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalCache } from '../../src/artifacts/local-cache.js';
import { openS3Store } from '../../src/artifacts/s3-store.js';
import { objectKey } from '../../src/contracts/names.js';
import { testBucket } from '../support/s3.js';
import { behavesAsAStore } from './store-behaviour.js';
import { damageFile, temporaryFolder } from './support.js';

describe('the S3 store', () => {
  behavesAsAStore(async () => {
    const { folder, newStore } = await testBucket();
    const cacheFolder = await temporaryFolder();
    const store = openS3Store(newStore(), { cache: new LocalCache({ folder: cacheFolder, limitBytes: 1e9 }) });
    const prefix = new URL(store.uri).pathname;
    return {
      store,
      age: async (digest) => {
        await utimes(join(folder, prefix, objectKey(digest)), new Date(), new Date(Date.now() - 24 * 3_600_000));
      },
      damage: async (digest, how) => {
        // A copy on this machine stays good whatever happens to the store.
        await rm(join(cacheFolder, digest.slice(0, 2), digest), { force: true });
        await damageFile(join(folder, prefix, objectKey(digest)), how);
      },
    };
  });
});
