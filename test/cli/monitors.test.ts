/** Monitors and loops from the command line: changed through a real server, read without any. @module */
import assert from 'node:assert/strict';
import { Loops } from '../../src/client/loops.js';
import { Monitors } from '../../src/client/monitors.js';
import { defineLoop } from '../../src/contracts/define-loop.js';
import { glancing } from '../integration/project/contracts.js';
import { jsonLines, runCommand } from '../support/cli.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';

/** Nothing listens there: whoever asks an engine fails. */
const withoutEngine = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
const why = ['--by', 'ana', '--reason', 'a test'];
const who = { by: 'ana', reason: 'a test' };

/** Its workflow is not there: it is never resumed for long enough to train. */
const retraining = defineLoop('retraining', {
  stages: {},
  endpoint: 'counted',
  window: { fresh: '7 days' },
  triggers: {},
  gate: { margin: 0.01 },
});

describe('the command lines of monitors and loops', function () {
  this.timeout(120_000);
  const running = useProject({ pools: ['pipelines'] });
  const change = (...args: string[]) => runCommand(running().folder, [...args, ...why]);
  const read = (...args: string[]) => runCommand(running().folder, args, withoutEngine);

  before(async () => {
    const { client, store, project } = running();
    const options = { client, store, project: project.project.name };
    await new Loops(options).declare(retraining, who);
    await new Monitors(options).declare(glancing, who);
  });

  it('look, and show what was found, what fires and what failed', async () => {
    assert.match(
      (await read('monitor', 'ls')).stdout,
      /^glancing {2}next look in (19 m|20 m 00 s).*; 0 looks, 0 firing\n$/,
    );
    const asked = await change('monitor', 'look', 'glancing');
    assert.match(asked.stdout, /^glancing: asked for a look; 0 looks, 0 firing\n$/, asked.stderr);
    const looks = async () => jsonLines((await read('monitor', 'ls', '--json')).stdout)[0];
    await until(async () => ((await looks())?.['firing'] as unknown[]).length === 1);
    assert.equal((await looks())?.['standing']?.toString().startsWith('next look in'), true);
    await change('monitor', 'look', 'glancing', '--json');
    await until(async () => ((await looks())?.['last'] as { failure?: string }).failure !== undefined);
    const { stdout } = await read('monitor', 'show', 'glancing');
    assert.match(stdout, /\n {2}endpoint {3}counted, every 20 m 00 s\n {2}read until \d{4}-/);
    assert.match(stdout, /\n {2}fires {6}warning DataDrift since .*: steps have moved\n/);
    assert.match(stdout, /\n {2}2 {2}\d{4}.* {2}failed: the store is away\n {2}1 {2}\d{4}.* {2}DataDrift +psi 5.2\n$/);
    const [shown] = jsonLines((await read('monitor', 'show', 'glancing', '--json')).stdout);
    assert.equal((shown?.['state'] as { looks: number }).looks, 2);
  });

  it('pause and resume a monitor, and tell all of it in order', async () => {
    assert.match((await change('monitor', 'pause', 'glancing')).stdout, /^glancing: paused; 2 looks, 1 firing\n$/);
    assert.match((await read('monitor', 'ls')).stdout, /^glancing {2}paused: a test; /);
    assert.equal((await change('monitor', 'resume', 'glancing')).code, 0);
    const { stdout } = await read('monitor', 'history', 'glancing');
    assert.deepEqual(
      stdout.split('\n').map((line) => line.split(/ {2,}/).slice(1, 3).join(', ')),
      [
        'declare, ana (claimed)',
        'asked for a look, ana (claimed)',
        'look 1, DataDrift',
        'asked for a look, ana (claimed)',
        'look 2, failed: the store is away',
        'pause, ana (claimed)',
        'resume, ana (claimed)',
        '',
      ],
    );
    const kinds = jsonLines((await read('monitor', 'history', 'glancing', '--json')).stdout).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['declare', 'look', 'end', 'look', 'end', 'pause', 'resume']);
  });

  it('pause, trigger and resume a loop', async () => {
    const paused = await change('loop', 'pause', 'retraining');
    assert.match(paused.stdout, /^retraining: .*\n$/, paused.stderr);
    assert.match((await read('loop', 'ls')).stdout, /^retraining {2}paused: a test; 0 rounds\n$/);
    const asOf = '2026-03-01T00:00:00.000Z';
    const asked = await change('loop', 'trigger', 'retraining', '--as-of', '2026-03-01T01:00+01:00', '--json');
    assert.equal(jsonLines(asked.stdout)[0]?.['loop'], 'retraining', asked.stderr);
    const [shown] = jsonLines((await read('loop', 'show', 'retraining', '--json')).stdout);
    assert.ok(JSON.stringify(shown).includes(`"asOf":"${asOf}"`), JSON.stringify(shown));
    const once = ['loop', 'pause', 'retraining', '--request-id', 'once'];
    const [first, second] = [await change(...once), await change(...once)];
    assert.deepEqual([first.code, second.stdout], [0, first.stdout]);
    const resumed = await change('loop', 'resume', 'retraining');
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.doesNotMatch((await read('loop', 'ls')).stdout, /paused/);
    await change('loop', 'pause', 'retraining');
  });

  it('say what is no monitor and no loop, what an engine is needed for, and how they are used', async () => {
    for (const [noun, code] of [
      ['monitor', 'TY2520'],
      ['loop', 'TY2510'],
    ] as const) {
      const [unknown, unreachable, unreasoned] = await Promise.all([
        read(noun, 'show', 'nobody'),
        runCommand(running().folder, [noun, 'pause', 'glancing', ...why], withoutEngine),
        read(noun, 'pause', 'x'),
      ]);
      assert.deepEqual([unknown.code, unknown.stdout], [2, '']);
      assert.match(unknown.stderr, new RegExp(`there is no ${noun} nobody\\..*\\[${code}\\]`));
      assert.deepEqual([unreachable.code, unreachable.stdout], [1, '']);
      assert.match(unreachable.stderr, /127\.0\.0\.1:1/);
      assert.match(unreasoned.stderr, /required option '--reason <text>' not specified/);
    }
    const verbs = [[], ['ls'], ['show'], ['history'], ['look'], ['pause'], ['resume']];
    for (const { stdout } of await Promise.all(verbs.map((verb) => read('monitor', ...verb, '--help'))))
      assert.match(stdout, /Example:\n {2}trainyard monitor /);
  });
});
