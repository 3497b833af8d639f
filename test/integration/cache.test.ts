/** A result that is used again: when it may be, when it may not, and who makes it where two runs need it at once. @module */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../support/cli.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';
import { summing } from './project/contracts.js';

describe('a cached stage', () => {
  const running = useProject({ pools: ['pipelines', 'cpu'] });
  before(() => {
    writeFileSync(join(running().folder, 'package-lock.json'), '{}');
  });
  const timesRun = (trace: string) => (existsSync(trace) ? readFileSync(trace, 'utf8').split('\n').length - 1 : 0);

  it('gives the result of the first run to later ones, and says whose it is', async () => {
    const { pipelines, folder } = running();
    const trace = join(folder, 'again');
    const input = { numbers: [1, 2, 3], trace };
    const first = await pipelines.start(summing, { workflowId: 'first', input });
    const made = await first.result();
    const second = await pipelines.start(summing, { workflowId: 'second', input });
    assert.deepEqual(await second.result(), made);
    assert.equal(timesRun(trace), 1);
    const [call] = (await second.status()).stages;
    assert.equal(call?.cached?.workflowId, 'small/first');
    assert.match((await runCommand(folder, ['show', 'second'])).stdout, /the result of small\/first was used again/);
    const why = await runCommand(folder, ['cache', 'why', 'second', 'sum']);
    assert.equal(why.stdout, 'hit: the result of small/first was used again\n', why.stderr);
  });

  it('is made anew for another input, and says what was different', async () => {
    const { pipelines, folder } = running();
    const trace = join(folder, 'again');
    const third = await pipelines.start(summing, { workflowId: 'third', input: { numbers: [1, 2, 4], trace } });
    assert.equal((await third.result()).sum, 7);
    assert.equal(timesRun(trace), 2);
    const why = await runCommand(folder, ['cache', 'why', 'third', 'sum']);
    assert.match(
      why.stdout,
      /^miss: against the nearest result before, of small\/first:\n {2}input numbers: \[1,2,3\] → \[1,2,4\]\n$/,
    );
    const first = await runCommand(folder, ['cache', 'why', 'first', 'sum']);
    assert.equal(first.stdout, 'miss: there was no result of stage sum before\n', first.stderr);
  });

  it('is made once where two runs need it at once, and the one that waited holds no slot meanwhile', async () => {
    const { pipelines, folder, gate, open } = running();
    const trace = join(folder, 'once');
    const held = gate();
    const input = { numbers: [7], trace, gate: held };
    const runs = await Promise.all(
      ['maker', 'waiter'].map((workflowId) => pipelines.start(summing, { workflowId, input })),
    );
    await until(() => timesRun(trace) === 1);
    const states = async () =>
      (await Promise.all(runs.map((run) => run.status()))).map(({ stages }) => stages[0]?.failure ?? '').join('');
    await until(async () => /small\/(maker|waiter) makes the same result/.test(await states()));
    open(held);
    const [one, other] = await Promise.all(runs.map((run) => run.result()));
    assert.deepEqual(one, other);
    assert.equal(timesRun(trace), 1);
  });

  it('is made by the other run when the first one is cancelled', async () => {
    const { pipelines, folder, gate, open } = running();
    const trace = join(folder, 'taken-over');
    const held = gate();
    const input = { numbers: [8], trace, gate: held };
    const maker = await pipelines.start(summing, { input });
    await until(() => timesRun(trace) === 1);
    const waiter = await pipelines.start(summing, { input });
    await maker.cancel();
    await until(() => timesRun(trace) === 2);
    open(held);
    assert.equal((await waiter.result()).sum, 8);
  });

  it('is made anew when the store has lost what it refers to', async () => {
    const { pipelines, folder } = running();
    const trace = join(folder, 'lost');
    const input = { numbers: [9], trace };
    const { artifact } = await (await pipelines.start(summing, { input })).result();
    const objects = join(folder, '.trainyard', 'artifacts', 'objects', 'sha256');
    rmSync(join(objects, artifact.sha256.slice(0, 2), artifact.sha256));
    await (await pipelines.start(summing, { input })).result();
    assert.equal(timesRun(trace), 2);
  });
});
