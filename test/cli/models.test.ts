/** The registry from the command line: changed through a real server, read without any. @module */
import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestJson } from '../../src/artifacts/digest.js';
import { putJson } from '../../src/artifacts/json.js';
import { keepDecision } from '../../src/records/decisions.js';
import { openSigner } from '../../src/records/signing.js';
import { decision } from '../records/decision.js';
import { jsonLines, runCommand } from '../support/cli.js';
import { useProject } from '../support/project.js';

/** Nothing listens there: whoever asks an engine fails. */
const withoutEngine = { TEMPORAL_ADDRESS: '127.0.0.1:1' };

describe('the command line of the registry', function () {
  this.timeout(120_000);
  const running = useProject({ pools: ['pipelines'] });

  const change = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand(running().folder, [
      'models',
      ...args,
      '--by',
      'ana',
      '--reason',
      'a test',
    ]);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const read = (...args: string[]) => runCommand(running().folder, ['models', ...args], withoutEngine);

  before(async () => {
    const { store, folder } = running();
    const made = [];
    for (const [at, auc] of [0.8, 0.9].entries()) {
      const model = await putJson(store, { weights: at });
      const marks = { train: { sha256: String(at).repeat(64), rows: 1_000 * (at + 1) } };
      made.push({ model, metrics: { auc }, datasets: marks, parameters: { rate: 10 ** -at } });
    }
    await writeFile(join(folder, 'versions.json'), JSON.stringify(made));
    assert.equal(
      await change('register', 'churn', '--input', 'versions.json'),
      'registered versions 1 to 2 of churn\n',
    );
    await change('alias', 'churn', 'champion', '1');
    const evidence = { model: made[1]!.model, auc: 0.9 };
    const record = { ...decision, evidence, evidenceDigest: digestJson(evidence) };
    const binding = await keepDecision(store, record, openSigner(folder));
    assert.equal(
      await change('alias', 'churn', 'champion', '2', '--from', '1', '--decision', binding),
      'champion of churn is version 2\n',
    );
    await change('annotate', 'churn', '2', '--card', 'intendedUse=Letters, not calls.', '--tag', 'team=risk');
  });

  it('lists models and versions, without an engine', async () => {
    assert.match((await read('ls')).stdout, /^churn {2}2 versions {2}champion 2\n$/);
    const { stdout } = await read('ls', 'churn');
    assert.match(stdout, /\n {6}2 {2}champion {2}[0-9a-f]{12} .* ana .* auc 0\.9\n {6}1 /);
    const json = jsonLines((await read('ls', 'churn', '--json')).stdout);
    assert.deepEqual(
      json.map(({ version }) => version),
      [2, 1],
    );
  });

  it('says what an alias was at a time: version, decider, evidence, data, run, and who signed', async () => {
    const { stdout, code } = await read('asof', 'churn', 'champion');
    assert.equal(code, 0);
    for (const words of [
      /^churn champion at .*: version 2\n/,
      /set +\d{4}-.* by ana \(claimed\): a test\n +generation 3, signed by key [0-9a-f]{16}, which is trusted\n/,
      /decision +approved "promotion" of run churn\/a/,
      /approved +2026-03-01 00:00:00Z by ana \(claimed\): read\n/,
      /evidence +sha256:[0-9a-f]{64}\n +\{"auc":0\.9,"model"/,
      /train data +sha256:1{64} {2}2,000 rows\n/,
    ])
      assert.match(stdout, words);
    const none = await read('asof', 'churn', 'champion', '2001-01-01T00:00Z');
    assert.deepEqual([none.code, /there is no model churn at 2001.*TY2101/.test(none.stderr)], [2, true]);
    assert.equal((await read('asof', 'churn', 'champion', '2026-03-01T12:00')).code, 2);
  });

  it('compares versions in a table, as JSON and as a page', async () => {
    const { stdout } = await read('compare', 'churn', '1', 'champion');
    assert.match(stdout, /^churn +version 1 +version 2: champion\nmetrics\n {2}auc +0\.8 +0\.9 \*\n/);
    assert.match(stdout, /\n {2}rate +1 +0\.1\n[^]*\n {2}train, rows +1,000 +2,000\n/);
    const file = join(running().folder, 'compare.html');
    const { stdout: json } = await read('compare', 'churn', '1', '2', '--html', file, '--json');
    assert.equal((JSON.parse(json) as { groups: unknown[] }).groups.length, 4);
    assert.match(await readFile(file, 'utf8'), /<td class="best">0\.9<span class="delta">\+0\.1<\/span><\/td>/);
  });

  it('writes a model card, and keeps what people wrote into it', async () => {
    const file = join(running().folder, 'CARD.md');
    await read('card', 'churn', '2', '--out', file);
    await appendFile(file, '\nAsk the risk team first.\n');
    await change('annotate', 'churn', '2', '--card', 'caveats=Winter only.');
    await read('card', 'churn', '2', '--out', file);
    const card = await readFile(file, 'utf8');
    for (const words of [
      /## Intended Use\n\n.*\nLetters, not calls\.\n/,
      /Winter only\./,
      /\nAsk the risk team first\.\n$/,
    ])
      assert.match(card, words);
    await writeFile(file, 'mine');
    const refused = await read('card', 'churn', '2', '--out', file);
    assert.deepEqual([refused.code, await readFile(file, 'utf8')], [2, 'mine']);
  });

  it('rolls back, archives, and tells all of it in order', async () => {
    assert.equal(await change('rollback', 'churn', 'champion'), 'champion of churn is version 1 again\n');
    assert.match(await change('archive', 'churn', '2', '--json'), /^\{"model":"churn","version":2\}\n$/);
    const { stdout } = await read('history', 'churn');
    const story = stdout.split('\n').map((line) => line.split(/ {2,}/)[3]);
    assert.deepEqual(story.slice(0, 3), ['registered 1 to 2', 'champion: none → 1', 'champion: 1 → 2']);
    assert.deepEqual(story.slice(-3), ['champion: 2 → 1, rolled back', 'archived 2', undefined]);
    assert.match((await read('show', 'churn')).stdout, /^churn: 2 versions\n {2}champion {2}1 {4}20/);
    assert.match((await read('show', 'churn', '2')).stdout, /^churn, version 2: archived\n/);
  });
});
