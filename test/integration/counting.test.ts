/** A run from start to end, and what remains to be read when no worker is left. @module */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLines, runCommand, startCommand } from '../support/cli.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';
import { counting, reading } from './project/contracts.js';
import { expectedSum } from './project/expected-sum.js';

describe('a run of a pipeline', () => {
  const running = useProject({ pools: ['pipelines', 'cpu', 'gpu'] });

  it('tells each stage as a line of JSON, and its result as the last one', async () => {
    const { folder } = running();
    const end = await runCommand(folder, ['run', 'counting', '--input.steps', '6', '--id', 'told', '--json']);
    assert.equal(end.code, 0, end.stderr);
    const lines = jsonLines(end.stdout);
    const stages = lines.filter(({ type }) => type === 'stage');
    const completed = stages.filter(({ state }) => state === 'completed');
    assert.deepEqual(
      completed.map(({ stage, pool, attempt }) => [stage, pool, attempt]),
      [
        ['prepare', 'cpu', 1],
        ['count', 'gpu', 1],
      ],
    );
    const curve = lines.filter(({ type }) => type === 'metrics').at(-1);
    assert.deepEqual([curve?.['step'], curve?.['values']], [6, { loss: 1 / 6 }]);
    const last = lines.at(-1);
    assert.deepEqual(
      [last?.['type'], last?.['state'], last?.['workflowId'], (last?.['output'] as { sum: number }).sum],
      ['result', 'completed', 'small/told', expectedSum(6)],
    );
  });

  it('shows its curves while it goes on', async () => {
    const { pipelines, gate, open } = running();
    const held = gate();
    const run = await pipelines.start(counting, { input: { steps: 5, holdAt: 4, gate: held } });
    const steps: number[] = [];
    for await (const { step, values } of run.metrics('count')) {
      steps.push(step);
      assert.deepEqual(values, { loss: 1 / step });
      if (step < 3) continue;
      if (!existsSync(held)) assert.equal((await run.status()).state, 'running');
      open(held);
    }
    assert.deepEqual(steps, [1, 2, 3, 4, 5]);
    await run.result();
  });

  it('refuses to show the curves of a call that it never made', async () => {
    const run = await running().pipelines.start(counting, { input: { steps: 1 } });
    await run.result();
    await assert.rejects(run.metrics('count', { call: 1 }).next(), {
      code: 'TY1906',
      message: /no call 1 of .*"count"/,
    });
  });

  it('is cancelled from the command line, its trainer with it', async () => {
    const { folder, pipelines, gate } = running();
    const run = await pipelines.start(counting, {
      workflowId: 'cancelled',
      input: { steps: 3, holdAt: 2, gate: gate() },
    });
    for await (const { step } of run.metrics('count')) if (step === 1) break;
    const end = await runCommand(folder, ['cancel', 'cancelled']);
    assert.deepEqual([end.code, end.stdout], [0, 'asked small/cancelled to stop\n']);
    await until(async () => (await run.status()).state === 'cancelled');
    const again = await runCommand(folder, ['cancel', 'cancelled']);
    assert.deepEqual([again.code, again.stdout], [0, 'small/cancelled is cancelled already\n']);
    const watched = await runCommand(folder, ['watch', 'cancelled']);
    assert.equal(watched.code, 1);
    assert.match(watched.stdout, /cancelled: /);
  });

  it('fails with the path and the value when a stage returns what it did not promise', async () => {
    const end = await runCommand(running().folder, ['run', 'breaking', '--json']);
    assert.equal(end.code, 1);
    const last = jsonLines(end.stdout).at(-1);
    assert.deepEqual([last?.['type'], last?.['state']], ['result', 'failed']);
    assert.match(String(last?.['failure']), /stage broken: output\.auc: .*got "high".*\[TY1004\]/);
  });

  it('fails by the digest when an artifact that it reads is damaged', async () => {
    const { store, pipelines, folder } = running();
    const artifact = await store.put(Buffer.from('{"rows":3}'));
    const path = [folder, '.trainyard', 'artifacts', 'objects', 'sha256', artifact.sha256.slice(0, 2), artifact.sha256];
    const good = await pipelines.start(reading, { input: { artifact } });
    assert.deepEqual(await good.result(), { value: { rows: 3 } });
    damage(join(...path));
    await pipelines.start(reading, { workflowId: 'damaged', input: { artifact } });
    const end = await runCommand(folder, ['watch', 'damaged']);
    assert.equal(end.code, 1);
    assert.match(end.stdout, new RegExp(`${artifact.sha256}.*\\[TY1202\\]`));
  });

  it('says after ten seconds that nobody serves a pool', async () => {
    const { folder, pipelines } = running();
    const end = await runCommand(folder, ['run', 'waiting', '--id', 'lonely', '--detach', '--json']);
    assert.deepEqual(jsonLines(end.stdout), [{ type: 'run', workflowId: 'small/lonely', state: 'running' }]);
    const watching = startCommand(folder, ['watch', 'lonely']);
    await watching.says(/no worker serves pool lonely: start one with `trainyard worker --pool lonely`/);
    watching.child.kill('SIGINT');
    assert.equal((await watching.ended).code, 130);
    await pipelines.get('lonely').workflow.terminate();
  });

  it('is shown, measured and exported when no worker is left', async () => {
    const { stack, pipelines, folder } = running();
    const run = pipelines.get('told');
    await stack.stop();
    const steps: number[] = [];
    for await (const { step } of run.metrics('count')) steps.push(step);
    assert.deepEqual(steps, [1, 2, 3, 4, 5, 6]);

    const shown = await runCommand(folder, ['show', 'told']);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /^counting small\/told: completed after /);
    assert.match(shown.stdout, /├─ prepare on cpu: completed, 1 attempt, .*\n│ {5}attempt 1 began, and completed/);
    assert.match(shown.stdout, /└─ count on gpu: completed, 1 attempt, .*\n {6}attempt 1 began, and completed/);

    const listed = await runCommand(folder, ['show', '--json']);
    const ids = jsonLines(listed.stdout).map(({ workflowId }) => workflowId);
    assert.ok(ids.includes('small/told') && ids.includes('small/cancelled'), ids.join());

    const target = join(folder, 'exports', 'told');
    await run.export(target);
    assert.deepEqual(readdirSync(target), [
      'count-0.attempts.json',
      'count-0.metrics.jsonl',
      'history.json',
      'prepare-0.attempts.json',
      'prepare-0.metrics.jsonl',
      'run.json',
    ]);
    assert.equal(jsonLines(readFileSync(join(target, 'count-0.metrics.jsonl'), 'utf8')).length, 6);
    await assert.rejects(run.export(target), { code: 'TY1910' });
    damageRecords(join(folder, '.trainyard', 'artifacts'));
    await assert.rejects(run.export(join(folder, 'exports', 'again')), { code: 'TY1301' });
    assert.deepEqual(readdirSync(join(folder, 'exports')), ['told']);
  });
});

/** Flips a bit of a file that its owner may not write to. */
function damage(file: string): void {
  const bytes = readFileSync(file);
  bytes[2] = (bytes[2] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

function damageRecords(store: string): void {
  for (const name of readdirSync(join(store), { recursive: true, encoding: 'utf8' }))
    if (/metrics.*count.*\.json$/.test(name)) damage(join(store, name));
}
