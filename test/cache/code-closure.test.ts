import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { codeClosure } from '../../src/cache/code-closure.js';
import { environmentDigest } from '../../src/cache/environment-digest.js';

describe('the code of a stage', () => {
  let folder: string;
  const write = async (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  };
  const closure = (name: string) => codeClosure(join(folder, name), folder);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trainyard-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is its module and all that it imports, to the last one, each once', async () => {
    await write({
      'stage.js':
        "import { a } from './lib/a.js'; const late = () => import('./late.js'); import data from './data.json' with { type: 'json' };",
      'lib/a.js': "export * from './b.js'; import '../stage.js'; export const a = 1;",
      'lib/b.js':
        "import { readFile } from 'node:fs/promises'; import { z } from 'zod'; export const b = import.meta.url;",
      'late.js': '',
      'data.json': '{}',
      'unused.js': '',
    });
    assert.deepEqual(Object.keys(await closure('stage.js')), [
      'data.json',
      'late.js',
      'lib/a.js',
      'lib/b.js',
      'stage.js',
    ]);
  });

  it('changes with each of these files, and with no other', async () => {
    await write({ 'stage.js': "import './a.js';", 'a.js': '1', 'other.js': '1' });
    const before = await closure('stage.js');
    await write({ 'other.js': '2' });
    assert.deepEqual(await closure('stage.js'), before);
    await write({ 'a.js': '2' });
    const { 'a.js': a, ...rest } = await closure('stage.js');
    assert.notEqual(a, before['a.js']);
    assert.deepEqual(rest, { 'stage.js': before['stage.js'] });
  });

  it('leaves installed packages to the lockfile, and counts all files of one that is only linked', async () => {
    await write({
      'stage.js': "import 'installed'; import '@team/linked/part.js';",
      'node_modules/installed/index.js': '',
      'packages/linked/part.js': '',
      'packages/linked/model.bin': '',
    });
    await mkdir(join(folder, 'node_modules', '@team'));
    await symlink(join(folder, 'packages', 'linked'), join(folder, 'node_modules', '@team', 'linked'));
    assert.deepEqual(Object.keys(await closure('stage.js')), [
      'packages/linked/model.bin',
      'packages/linked/part.js',
      'stage.js',
    ]);
  });

  it('follows the names that package.json maps, under every condition, and counts the map', async () => {
    await write({
      'package.json': JSON.stringify({
        name: 'project',
        imports: {
          '#nets/*.js': { development: './src/nets/*.js', default: ['./dist/nets/*.js'] },
          '#team': '@team/linked',
        },
        exports: { './sums': './dist/sums.js' },
      }),
      'stage.js': "import '#nets/small.js'; import '#team'; import 'project/sums';",
      'src/nets/small.js': '',
      'dist/nets/small.js': '',
      'dist/nets/other.js': '',
      'dist/sums.js': '',
      'packages/linked/index.js': '',
      'node_modules/@team/.keep': '',
    });
    await symlink(join(folder, 'packages', 'linked'), join(folder, 'node_modules', '@team', 'linked'));
    assert.deepEqual(Object.keys(await closure('stage.js')), [
      'dist/nets/small.js',
      'dist/sums.js',
      'package.json',
      'packages/linked/index.js',
      'src/nets/small.js',
      'stage.js',
    ]);
  });

  it('follows what is required, and refuses what is required by a computed name', async () => {
    await write({
      'stage.js':
        "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); require('./old.cjs');",
      'old.cjs':
        "const fs = require('fs'), data = require('./data'), gone = require('./gone'), other = container.require(data);",
      'data.json': '{}',
    });
    assert.deepEqual(Object.keys(await closure('stage.js')), ['data.json', 'old.cjs', 'stage.js']);
    await write({ 'old.cjs': 'require(process.argv[2]);' });
    await assert.rejects(closure('stage.js'), { code: 'TY1120' });
  });

  it('of a Python script is every script of its folder', async () => {
    await write({ 'train.py': '', 'nets/small.py': '', 'notes.md': '' });
    assert.deepEqual(Object.keys(await closure('train.py')), ['nets/small.py', 'train.py']);
  });

  it('cannot be told where a module is imported by a computed name', async () => {
    await write({ 'stage.js': 'await import(process.argv[2]);' });
    await assert.rejects(closure('stage.js'), {
      code: 'TY1120',
      message: /stage\.js imports a module by a computed name/,
    });
  });

  it('stands on the nearest lockfile, or on the image that the environment names', async () => {
    await write({ 'package-lock.json': '{}', 'packages/one/package.json': '{}' });
    const digest = await environmentDigest(join(folder, 'packages', 'one'));
    assert.match(digest, /^package-lock\.json [0-9a-f]{64}$/);
    process.env['TRAINYARD_IMAGE_DIGEST'] = 'sha256:abc';
    try {
      assert.equal(await environmentDigest(folder), 'image sha256:abc');
    } finally {
      delete process.env['TRAINYARD_IMAGE_DIGEST'];
    }
  });
});
