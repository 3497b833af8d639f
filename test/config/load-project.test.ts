import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadProject } from '../../src/config/load-project.js';
import { loadImplementations, loadPipelines } from '../../src/config/project-modules.js';
import { useProjectFolder } from '../support/project.js';

describe('a project', () => {
  const project = useProjectFolder();

  it('is found from any folder below its own', async () => {
    const { folder } = project();
    mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
    const found = await loadProject({ folder: join(folder, 'deep', 'er') });
    assert.deepEqual([found.project.name, found.folder, found.namespace], ['small', folder, 'small']);
    assert.equal(found.store, pathToFileURL(join(folder, '.trainyard', 'artifacts')).href);
  });

  it('is what an environment changes of it, and nothing else', async () => {
    const { folder } = project();
    const other = await loadProject({ folder, environment: 'other' });
    assert.equal(other.namespace, 'other');
    assert.equal(other.store, (await loadProject({ folder })).store);
    await assert.rejects(loadProject({ folder, environment: 'prod' }), { code: 'TY1104', message: /it has: other/ });
  });

  it('gives its pipelines by name, and the implementations of its stages', async () => {
    const found = await loadProject(project());
    assert.deepEqual([...(await loadPipelines(found)).keys()].sort(), [
      'breaking',
      'counting',
      'guarding',
      'reading',
      'releasing',
      'slicing',
      'summing',
      'waiting',
    ]);
    const implementations = await loadImplementations<{ contract: { name: string } }>(found);
    assert.deepEqual(implementations.map(({ contract }) => contract.name).sort(), [
      'broken',
      'count',
      'prepare',
      'read',
      'sum',
    ]);
    const modules = { ...found.modules, contracts: '/nowhere/contracts.js' };
    await assert.rejects(loadPipelines({ ...found, modules }), {
      code: 'TY1105',
      message: /\/nowhere\/contracts\.js does not load/,
    });
  });

  it('is missed with a word on what to do', async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ty-config-')));
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
    };
    try {
      await assert.rejects(loadProject({ folder }), { code: 'TY1102', message: /--project DIR/ });
      write('trainyard.config.ts', '');
      await assert.rejects(loadProject({ folder }), { code: 'TY1102', message: /Build the project first: npx tsc -b/ });
      write('package.json', '{ "type": "module" }');
      write('trainyard.config.js', 'export const projekt = 1;');
      await assert.rejects(loadProject({ folder }), { code: 'TY1103', message: /does not export a "project"/ });
      mkdirSync(join(folder, 'inner'));
      write('inner/trainyard.config.js', 'export const project = ;');
      await assert.rejects(loadProject({ folder: join(folder, 'inner') }), {
        code: 'TY1103',
        message: /does not load/,
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
