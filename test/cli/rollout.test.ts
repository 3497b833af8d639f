/** Endpoints and rollouts from the command line: changed through a real server, read without any. @module */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { putJson } from '../../src/artifacts/json.js';
import { Endpoints } from '../../src/client/endpoints.js';
import { Rollouts } from '../../src/client/rollouts.js';
import { jsonLines, runCommand, startCommand } from '../support/cli.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';

/** Nothing listens there: whoever asks an engine fails. */
const withoutEngine = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
const who = { by: 'ana', reason: 'a test' };
const asked = ['--by', 'ana', '--reason', 'a test'];

describe('the command line of endpoints and rollouts', function () {
  this.timeout(120_000);
  const running = useProject({ pools: ['pipelines'] });
  const said = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand(running().folder, args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const read = (...args: string[]) => runCommand(running().folder, args, withoutEngine);
  const host = () => ({ client: running().client, project: 'small', store: running().store });

  before(async () => {
    const { store, folder } = running();
    const models = [await putJson(store, { weights: 1 }), await putJson(store, { weights: 2 })] as const;
    await writeFile(join(folder, 'versions.json'), JSON.stringify(models.map((model) => ({ model }))));
    await said('models', 'register', 'churn', '--input', 'versions.json', ...asked);
    const endpoints = new Endpoints(host());
    await endpoints.deploy('late', { model: models[0] }, who);
    await endpoints.deploy('late', { model: models[1], traffic: 'none' }, who);
  });

  it('shares the traffic out, goes back, withdraws', async () => {
    assert.equal(
      await said('endpoints', 'traffic', 'late', '1=90', '2=10', ...asked),
      'canary: 1 answers 90 %, 2 answers 10 %\n',
    );
    assert.equal(await said('endpoints', 'rollback', 'late', ...asked), 'single: 1 answers 100 %, 2 waits\n');
    const withdrawn = JSON.parse(await said('endpoints', 'withdraw', 'late', '2', ...asked, '--json')) as object;
    const traffic = { mode: 'single', shares: [{ revision: 1, share: 1 }], shadows: [] };
    assert.deepEqual(withdrawn, { name: 'late', generation: 5, traffic });
  });

  it('lists endpoints, shows one, and tells its history, without an engine', async () => {
    assert.match((await read('endpoints', 'ls')).stdout, /^late {2}5 {2}20.*Z {2}single: 1 answers 100 %\n$/);
    const { stdout } = await read('endpoints', 'show', 'late');
    assert.match(stdout, /^late {2}single: 1 answers 100 %\ngeneration 5, .* by ana \(claimed\): a test/);
    const [shown] = jsonLines((await read('endpoints', 'show', 'late', '--json')).stdout);
    assert.deepEqual([shown?.['generation'], shown?.['servers']], [5, []]);
    const history = (await read('endpoints', 'history', 'late', '--from', '3')).stdout;
    assert.match(history, /^3 .*canary: 1 answers 90 %[^\n]*\n4 .*rolled back: [^\n]*\n5 .*withdrew 2: [^\n]*\n$/);
    assert.deepEqual((await read('endpoints', 'show', 'none')).stderr.match(/TY\d+/)?.[0], 'TY2308');
  });

  it('starts a rollout, shows, pauses, resumes and promotes it', async () => {
    const step = ['--step', 'shadow,3600,10', '100,60,10'];
    const start = ['rollout', 'start', 'late', '--model', 'churn@2', '--id', 'first', ...step, ...asked];
    assert.equal(await said(...start), 'rollout first of late has begun\n');
    assert.match(await said('rollout', 'pause', 'late', ...asked), /^rollout first of late: .*paused/);
    assert.match(await said('rollout', 'show', 'late'), /^rollout first of late: revision \d+, .*, paused, /);
    const resumed = JSON.parse(await said('rollout', 'resume', 'late', ...asked, '--json')) as { paused: boolean };
    assert.equal(resumed.paused, false);
    await said('rollout', 'promote', 'late', ...asked);
    await until(async () => (await new Rollouts(host()).ended('late')).length === 1);
    const [shown] = jsonLines(await said('rollout', 'show', 'late', '--json'));
    assert.deepEqual([shown?.['running'], (shown?.['ended'] as unknown[]).length], [null, 1]);
  });

  it('follows a rollout to its end, with exit code 3 where it is aborted', async () => {
    const start = ['rollout', 'start', 'late', '--model', 'churn@1', '--follow', '--look-every', '60', ...asked];
    const followed = startCommand(running().folder, start);
    await until(async () => (await new Rollouts(host()).board('late'))?.step === 0);
    await said('rollout', 'abort', 'late', ...asked);
    const { code, stdout } = await followed.ended;
    assert.equal(code, 3);
    assert.match(stdout, /^rollout .* of late: revision \d+ aborted and withdrawn 20.*: ana: a test\n$/);
  });

  for (const [what, args, words] of [
    ['a share that is none', ['endpoints', 'traffic', 'late', '1=x', ...asked], /"1=x" is no share.*TY1003/],
    ['no reason', ['endpoints', 'rollback', 'late'], /--reason/],
    ['a revision that is none', ['endpoints', 'withdraw', 'late', 'two', ...asked], /two/],
    ['no model', ['rollout', 'start', 'late', ...asked], /--model/],
    [
      'a step that is none',
      ['rollout', 'start', 'late', '--model', 'churn@1', '--step', '5,600', ...asked],
      /"5,600" is no step.*TY1003/,
    ],
  ] as const)
    it(`says what is wrong: ${what}`, async () => {
      const { code, stderr } = await read(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, words);
    });

  it('says so where no engine answers, and where no rollout runs', async () => {
    const unreachable = await read('rollout', 'pause', 'late', ...asked);
    assert.deepEqual([unreachable.code, /127\.0\.0\.1:1/.test(unreachable.stderr)], [1, true], unreachable.stderr);
    const { code, stderr } = await runCommand(running().folder, ['rollout', 'abort', 'late', ...asked]);
    assert.deepEqual([code, /TY2311/.test(stderr)], [2, true], stderr);
  });
});
