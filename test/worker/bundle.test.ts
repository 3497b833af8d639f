import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger } from '@temporalio/worker';
import { bundleWorkflows } from '../../src/worker/bundle.js';

describe('the bundle of a project', function () {
  this.timeout(120_000);
  let folder: string;
  const workflows = () => join(folder, 'workflows.js');
  const bundle = () =>
    bundleWorkflows({
      workflowsPath: workflows(),
      cacheFolder: join(folder, 'cache'),
      logger: new DefaultLogger('ERROR', () => undefined),
    });
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ty-bundle-'));
    symlinkSync(fileURLToPath(new URL('../../../node_modules', import.meta.url)), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'answer.js'), 'export const answer = 1;\n');
    writeFileSync(
      workflows(),
      "import { answer } from './answer.js';\nexport async function ask() { return answer; }\n",
    );
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is built once, until a file that went into it changes', async () => {
    const first = await bundle();
    const second = await bundle();
    assert.deepEqual([first.cached, second.cached, second.sha256], [false, true, first.sha256]);
    writeFileSync(join(folder, 'answer.js'), 'export const answer = 2;\n');
    const third = await bundle();
    assert.equal(third.cached, false);
    assert.notEqual(third.sha256, first.sha256);
  });

  it('is built anew when the cache is damaged or gone', async () => {
    const { sha256 } = await bundle();
    writeFileSync(join(folder, 'cache', `${sha256}.js`), 'half a bund');
    const again = await bundle();
    assert.deepEqual([again.cached, again.sha256], [false, sha256]);
    rmSync(join(folder, 'cache'), { recursive: true });
    assert.equal((await bundle()).cached, false);
    assert.deepEqual(
      readdirSync(join(folder, 'cache')).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });

  it('is refused when workflows import what the sandbox lacks', async () => {
    mkdirSync(join(folder, 'kept'));
    copyFileSync(workflows(), join(folder, 'kept', 'workflows.js'));
    writeFileSync(
      workflows(),
      "import { readFileSync } from 'node:fs';\nexport async function ask() { return readFileSync('x'); }\n",
    );
    await assert.rejects(bundle(), {
      code: 'TY1106',
      message: /do not bundle: .*node:fs.*activities out of the files/s,
    });
    copyFileSync(join(folder, 'kept', 'workflows.js'), workflows());
  });
});
