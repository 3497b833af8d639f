import assert from 'node:assert/strict';
import { whenDescriptorsAreFree } from '../../src/artifacts/durable-files.js';

const errno = (code: string) => Object.assign(new Error(code), { code });

describe('opening a file while no descriptor is free', () => {
  it('waits for one, of the process or of the machine', async () => {
    const errors = [errno('EMFILE'), errno('ENFILE'), errno('EMFILE')];
    const opened = await whenDescriptorsAreFree(() => {
      const error = errors.shift();
      if (error) throw error;
      return 'opened';
    });
    assert.equal(opened, 'opened');
    assert.deepEqual(errors, []);
  });

  it('fails at once for any other reason', async () => {
    let tries = 0;
    const failing = whenDescriptorsAreFree(() => Promise.reject(errno(++tries === 1 ? 'ENOENT' : 'EMFILE')));
    await assert.rejects(failing, { code: 'ENOENT' });
  });
});
