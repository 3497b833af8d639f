/** The artifact store from the command line, with the runs of a real server. @module */
import assert from 'node:assert/strict';
import { chmod, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collect } from '../../src/artifacts/verified.js';
import { objectKey } from '../../src/contracts/names.js';
import type { Ref } from '../../src/contracts/refs.js';
import { counting } from '../integration/project/contracts.js';
import { jsonLines, runCommand } from '../support/cli.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';

describe('the command line of the artifact store', function () {
  this.timeout(120_000);
  const running = useProject({ pools: ['pipelines', 'cpu', 'gpu'] });
  let model: Ref;

  const artifacts = (...args: string[]) => runCommand(running().folder, ['artifacts', ...args]);
  const pathOf = ({ sha256 }: Pick<Ref, 'sha256'>) =>
    join(running().folder, '.trainyard', 'artifacts', objectKey(sha256));
  /** Makes every object two days old. */
  const ageAll = async () => {
    const time = Date.now() / 1_000 - 172_800;
    for await (const object of running().store.housekeeping.objects()) await utimes(pathOf(object), time, time);
  };

  before(async () => {
    const run = await running().pipelines.start(counting, { workflowId: 'done', input: { steps: 5 } });
    ({ model } = await run.result());
    await until(async () => {
      for await (const { workflowId, status } of running().pipelines.list())
        if (workflowId === 'small/done') return status === 'COMPLETED';
      return false;
    });
  });

  it('lists what a run made, by stage, with kinds, names and sizes', async () => {
    const { code, stdout } = await artifacts('ls', '--run', 'done');
    assert.equal(code, 0);
    assert.match(stdout, /^run small\/done\n/);
    assert.match(stdout, new RegExp(`  ${model.sha256.slice(0, 12)} +file +\\d+ B +\\d+ s  count model\n`));
    assert.match(stdout, /checkpoint +\d+ B +\d+ s {2}count sum\.txt/);
    assert.match(stdout, /\d+ objects in the store, /);
    const json = jsonLines((await artifacts('ls', '--kind', 'checkpoint', '--json')).stdout);
    assert.deepEqual(
      new Set(json.map(({ kind, stage, run }) => [kind, stage, run].join())),
      new Set(['checkpoint,count,small/done']),
    );
  });

  it('shows what an artifact is and who needs it, by the beginning of its digest', async () => {
    const { code, stdout } = await artifacts('show', model.sha256.slice(0, 10));
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^sha256:${model.sha256}  \\d+ B\na file: bytes\n`));
    assert.match(stdout, /needed by run small\/done, stage count \(event \d+\)/);
    const none = await artifacts('show', 'abcdef0123456789');
    assert.deepEqual([none.code, /begins with abcdef0123456789.*TY1920/.test(none.stderr)], [2, true]);
  });

  it('writes an artifact to a file, and overwrites none unless told', async () => {
    const { folder } = running();
    const get = (...args: string[]) => artifacts('get', model.uri, '-o', join(folder, 'model'), ...args);
    assert.equal((await get()).code, 0);
    const content = Buffer.from(await collect(running().store.get(model)));
    assert.deepEqual(await readFile(join(folder, 'model')), content);
    await writeFile(join(folder, 'model'), 'mine');
    const refused = await get();
    assert.match(refused.stderr, /model exists\. .*--force.*TY1921/);
    assert.equal(await readFile(join(folder, 'model'), 'utf8'), 'mine');
    assert.equal((await get('--force')).code, 0);
    assert.deepEqual(await readFile(join(folder, 'model')), content);
  });

  it('verifies that all is whole, and names who needs what is not', async () => {
    const whole = await artifacts('verify');
    assert.match(whole.stdout, /^\d+ objects .* records read: all as they were stored\n$/);
    assert.equal(whole.code, 0);
    const good = await collect(running().store.get(model));
    await chmod(pathOf(model), 0o644);
    await writeFile(pathOf(model), 'xodel');
    try {
      const damaged = await artifacts('verify', '--run', 'done');
      assert.equal(damaged.code, 1);
      assert.match(damaged.stdout, new RegExp(`^damaged: sha256:${model.sha256}: .*is damaged`));
      assert.match(damaged.stdout, /\n {2}needed by run small\/done, stage count \(event \d+\)\n/);
      await rm(pathOf(model));
      const { damages } = jsonLines((await artifacts('verify', '--json')).stdout)[0] as {
        damages: { what: string; problem: string; needs: { run: string }[] }[];
      };
      assert.deepEqual([damages.length, damages[0]?.what], [1, `sha256:${model.sha256}`]);
      assert.ok(damages[0]?.problem.includes('is not in the store') && damages[0].needs.length > 0);
    } finally {
      await running().store.put(good);
    }
  });

  it('collects what nobody needs, in two steps; what histories and open runs name stays', async () => {
    const { store, pipelines, gate, open } = running();
    const held = gate();
    const run = await pipelines.start(counting, { workflowId: 'held', input: { steps: 4, holdAt: 3, gate: held } });
    await until(async () => ((await run.status()).stages[1]?.progress?.done ?? 0) === 2);
    const garbage = await store.put(Buffer.from('garbage'));
    await ageAll();

    const offered = jsonLines((await artifacts('gc', '--dry-run', '--json')).stdout);
    const condemned = offered.filter(({ action }) => action === 'condemn').map(({ sha256 }) => sha256);
    assert.ok(condemned.includes(garbage.sha256) && !condemned.includes(model.sha256));
    assert.equal(offered.at(-1)?.['action'], 'kept');
    assert.equal((await stat(pathOf(garbage))).size, 7);
    const first = await artifacts('gc', '--keep-runs', '0s');
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /closed runs that are no longer kept.*\n +small\/done: \d+ records/);
    assert.match(first.stdout, /objects that nothing needs: laid aside\n/);
    await assert.rejects(stat(pathOf(garbage)));
    const checkpoints: string[] = [];
    for await (const key of store.list('checkpoints/')) checkpoints.push(key);
    assert.ok(checkpoints.length > 0 && checkpoints.every((key) => key.startsWith('checkpoints/small%2Fheld/')));
    assert.ok((await collect(store.get(model))).byteLength > 0);

    open(held);
    const { sum } = await run.result();
    const unbroken = await pipelines.start(counting, { workflowId: 'unbroken', input: { steps: 4 } });
    assert.equal(sum, (await unbroken.result()).sum);
    assert.equal((await artifacts('verify')).code, 0);
  });

  it('says what to do where no server is to be asked, and works from the records alone when told', async () => {
    const { folder } = running();
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const { code, stderr } = await runCommand(folder, ['artifacts', 'gc', '--dry-run'], env);
    assert.equal(code, 1);
    assert.match(stderr, /it cannot be known what runs need: .*--offline --keep-runs 90d\. \[TY1923\]/);
    const offline = await runCommand(folder, ['artifacts', 'gc', '--dry-run', '--offline'], env);
    assert.equal(offline.code, 0, offline.stderr);
    assert.match(offline.stdout, /kept: \d+ objects that are needed, \d+ too young, .*\nnothing was removed\n$/);
  });
});
