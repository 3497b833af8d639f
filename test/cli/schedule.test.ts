/** Schedules from the command line, in a project whose clock is Berlin's. @module */
import assert from 'node:assert/strict';
import { jsonLines, runCommand } from '../support/cli.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';

describe('the command line of schedules', function () {
  this.timeout(120_000);
  const running = useProject({ pools: ['pipelines'] });

  const schedule = (...args: string[]) => runCommand(running().folder, ['schedule', ...args]);
  const why = ['--reason', 'a test', '--by', 'ada'];

  it('makes one that the contracts define, backfills a span of local dates and verifies it', async () => {
    const created = await schedule('create', 'dawn', ...why);
    assert.match(created.stdout, /^created dawn; its first slice is \S+Z \(.*, 02:30:00 CES?T\)\n$/, created.stderr);
    const span = ['--from', '2026-03-27', '--to', '2026-03-31'];
    const asked = await schedule('backfill', 'dawn', ...span, ...why, '--json');
    assert.equal(jsonLines(asked.stdout)[0]?.['slices'], 3, asked.stderr);
    await until(async () => (await running().pipelines.scheduleOf('dawn').status()).board?.succeeded === 3);
    const verified = await schedule('verify', 'dawn', ...span);
    assert.equal(verified.code, 0);
    const [counts, since] = verified.stdout.split('\n');
    assert.equal(
      counts,
      'dawn, after 2026-03-26T23:00:00.000Z, up to 2026-03-30T22:00:00.000Z: 3 slices, 3 succeeded; 0 missing, 0 double',
    );
    // The span lies before the runs that the engine still keeps.
    assert.match(since ?? '', /^ {2}doubles are seen since \S+Z: Temporal keeps no runs that ended before$/);
  });

  it('names the slices that are missing, and ends with 1', async () => {
    const { code, stdout } = await schedule('verify', 'dawn', '--from', '2026-03-30', '--to', '2026-04-01', '--json');
    assert.deepEqual([code, jsonLines(stdout)[0]?.['missing']], [1, ['2026-03-31T00:30:00Z']]);
    const told = await schedule('verify', 'dawn', '--from', '2026-03-31', '--to', '2026-04-01T00:00+02:00');
    assert.match(told.stdout, /\n {2}missing +2026-03-31T00:30:00Z \(Tue.* 02:30:00 CEST\)\n/);
  });

  it('runs one slice, and says that it has run', async () => {
    const asked = await schedule('trigger', 'dawn', '--slice', '2026-03-31T02:30', ...why);
    assert.match(asked.stdout, /^asked for slice 2026-03-31T00:30:00Z /, asked.stderr);
    await until(async () => (await running().pipelines.scheduleOf('dawn').status()).board?.succeeded === 4);
    const again = await schedule('trigger', 'dawn', '--slice', '2026-03-31T00:30Z', ...why);
    assert.match(again.stdout, /^run \S+ has succeeded already with slice 2026-03-31T00:30:00Z /);
  });

  it('pauses, shows, resumes, changes and ends', async () => {
    assert.equal((await schedule('pause', 'dawn', ...why)).stdout, 'paused dawn\n');
    const shown = await schedule('show', 'dawn');
    assert.match(shown.stdout, /^dawn +paused {2}slicing {2}4 succeeded, 0 failed, 0 running {2}next /);
    assert.match(shown.stdout, /\ntimes +30 2 \* \* \* \(Europe\/Berlin\)\n/);
    assert.equal((await schedule('resume', 'dawn', '--skip', ...why)).stdout, 'resumed dawn\n');
    assert.equal((await schedule('update', 'dawn', ...why)).stdout, 'updated dawn\n');
    const raise = ['budget', 'raise', '--schedule', 'dawn', '--cost', '9', ...why];
    assert.equal((await runCommand(running().folder, raise)).stdout, 'raised the budget of schedule dawn\n');
    await until(async () => (await schedule('ls', '--json')).stdout.includes('"budget":{"cost":9}'));
    assert.equal((await schedule('delete', 'dawn', ...why)).stdout, 'deleted dawn\n');
    assert.equal((await schedule('show', 'dawn')).code, 2);
  });

  it('refuses what is no schedule and no time', async () => {
    const [unknown, untimely] = await Promise.all([
      schedule('create', 'dusk', ...why),
      schedule('trigger', 'dawn', '--slice', 'soon', ...why, '--time-zone', 'UTC'),
    ]);
    assert.match(unknown.stderr, /defines no schedule "dusk"; it has: dawn\..*\[TY2403\]/);
    assert.match(untimely.stderr, /"soon" is no time\..*\[TY2408\]/);
    assert.deepEqual([unknown.code, untimely.code], [2, 2]);
  });
});
