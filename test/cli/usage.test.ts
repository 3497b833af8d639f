/** Mistakes in what is typed: exit code 2, a sentence with the remedy, and nothing started. @module */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../support/cli.js';
import { useProjectFolder } from '../support/project.js';

describe('a command with a mistake in it', function () {
  this.timeout(120_000);
  const project = useProjectFolder();

  const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'input of the wrong type',
      ['run', 'counting', '--input.steps', 'many'],
      /^pipeline counting: input\.steps: .*number.*got "many"\. Fix the caller; not retried\. \[TY1003\]\n$/,
    ],
    [
      'input out of bounds',
      ['run', 'counting', '--input', '{"steps":0}'],
      /^pipeline counting: input\.steps: .*got 0\. Fix the caller/,
    ],
    ['missing input', ['run', 'counting'], /input\.steps: .*got nothing\. Fix the caller/],
    ['input that is not JSON', ['run', 'counting', '--input', '{steps'], /--input is not JSON: .*\[TY1907\]/],
    [
      'an input file that is not there',
      ['run', 'counting', '--input', '@no.json'],
      /@no\.json cannot be read: .*TY1907/,
    ],
    ['an empty input file', ['run', 'counting', '--input', '@empty.json'], /--input @empty\.json is not JSON/],
    ['a flag that the pipeline lacks', ['run', 'counting', '--input.stepz', '3'], /unknown option '--input\.stepz'/],
    [
      'an unknown pipeline',
      ['run', 'countin', '--input.steps', '3'],
      /has no pipeline "countin"; it has: breaking, counting, .*\. List the pipelines: `trainyard run`\. \[TY1908\]/,
    ],
    ['an unknown environment', ['run', 'counting', '--env', 'prod'], /no environment "prod"; it has: other.*TY1104/],
    ['an unknown stage', ['stage', 'run', 'coun', '--input', '{}'], /no stage "coun"; it has: .*prepare.*TY1911/],
    ['wrong input of a stage', ['stage', 'run', 'prepare', '--input', '{}'], /^stage prepare: input\.seed: .*TY1003/],
    ['an unknown pool', ['worker', '--pool', 'tpu'], /no pool "tpu"; it has: pipelines, cpu, gpu, lonely.*TY1110/],
    ['a port that is none', ['worker', '--pool', 'cpu', '--port', 'http'], /--port.*'http' is invalid.*0 to 65535/],
    ['a number that is none', ['show', '--limit', '-3'], /--limit.*'-3' is invalid/],
    ['a choice that is none', ['engine', 'start', '--synchronous', 'of'], /Allowed choices are normal, full/],
    ['a span of time that is none', ['artifacts', 'gc', '--grace', 'soon'], /--grace.*'soon' is invalid.*24h/],
    ['a command that is none', ['rum'], /unknown command 'rum'.*\n.*run/],
    ['a missing flag', ['approve', 'release'], /required option '--run <id>' not specified/],
  ];

  before(() => {
    writeFileSync(join(project().folder, 'empty.json'), '');
  });

  for (const [what, args, words] of mistakes)
    it(`is told about ${what}`, async () => {
      const { folder } = project();
      const { code, stdout, stderr } = await runCommand(folder, args);
      assert.match(stderr, words);
      assert.deepEqual([code, stdout], [2, '']);
      assert.ok(!existsSync(join(folder, '.trainyard', 'engine')), 'an engine was started');
      assert.ok(!existsSync(join(folder, '.trainyard', 'artifacts')), 'something was stored');
    });

  it('is told that it stands in no project', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'ty-empty-'));
    try {
      const { code, stderr } = await runCommand(empty, ['run', 'counting']);
      assert.equal(code, 2);
      assert.match(stderr, /no trainyard\.config\.js in .* or above\. .*--project DIR\. \[TY1102\]/);
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  });
});

describe('help', function () {
  this.timeout(120_000);
  const project = useProjectFolder();

  it('needs no server and no project', async () => {
    for (const command of ['', 'run', 'serve', 'artifacts ls']) {
      const args = [...command.split(' ').filter(Boolean), '--help'];
      const { code, stdout } = await runCommand(project().folder, args);
      assert.equal(code, 0, command);
      assert.match(stdout, /Examples?:/, command);
    }
  });

  it("lists the project's pipelines, and the flags of a pipeline's input with their defaults", async () => {
    const { folder } = project();
    const list = await runCommand(folder, ['run']);
    assert.equal(list.code, 0);
    assert.match(list.stdout, /counting +counts, with a checkpoint after each step/);
    const flags = await runCommand(folder, ['run', 'counting', '--help']);
    assert.equal(flags.code, 0);
    assert.match(flags.stdout, /--input\.steps <integer> +\(required\)/);
    assert.match(flags.stdout, /--input\.deaf <boolean>.*\(default: false\)/s);
  });
});
