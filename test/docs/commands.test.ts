/** Commands that the documents name, with their options. @module */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { commands } from '../../src/cli/commands.js';
import { documents, root } from './documents.js';

/** What is typed after `trainyard`, in code of any form; a line that ends in `\` goes on. */
function typedIn(text: string): string[] {
  const blocks = [...text.matchAll(/^```[^]*?^```/gm)].map(([block]) => block.replace(/\\\n\s*/g, ' '));
  const lines = blocks.flatMap((block) => [...block.matchAll(/^\s*(?:\$ )?(?:npx )?trainyard (.*)$/gm)]);
  const spans = [...text.replace(/^```[^]*?^```/gm, '').matchAll(/`(?:npx )?trainyard ([^`]+)`/g)];
  // Beyond two blanks or a `#` stand words about it.
  return [...lines, ...spans].map(([, typed = '']) => typed.split(/ {2,}| #/, 1)[0] ?? '');
}

/** The commands that words name: `loop ls|show` are two. */
function namedBy(parents: readonly Command[], [word = '', ...rest]: readonly string[], typed: string): Command[] {
  const [first] = parents;
  if (first === undefined || first.commands.length === 0 || /^[-<[(…A-Z]/.test(word) || word === '')
    return [...parents];
  const found = word.split('|').map((name) => {
    const child = first.commands.find((one) => one.name() === name);
    assert.ok(child, `trainyard ${typed}: there is no "${name}"`);
    return child;
  });
  return namedBy(found, rest, typed);
}

describe('a command in the documents', () => {
  const program = new Command('trainyard').enablePositionalOptions().version('0.0.0');
  before(async () => {
    for (const [, , load] of commands) program.addCommand(await load());
  });

  for (const file of documents.filter((name) => name !== 'CHANGELOG.md'))
    it(`of ${file} is one that there is, and so are its options`, () => {
      for (const typed of typedIn(readFileSync(join(root, file), 'utf8'))) {
        const named = namedBy([program], typed.split(' '), typed);
        // A pipeline has flags of its own.
        if (named.some((one) => one.name() === 'run' && one.parent === program)) continue;
        for (const [flag] of typed.matchAll(/(?<![\w-])--[a-z][a-z-]*/g))
          assert.ok(
            flag === '--help' || named.some((one) => one.options.some(({ long }) => long === flag)),
            `trainyard ${typed}: no option ${flag}`,
          );
      }
    });

  it('has an example in its help', () => {
    const leaves = (one: Command): Command[] => (one.commands.length > 0 ? one.commands.flatMap(leaves) : [one]);
    // The help of `run` is made of a project's pipelines.
    for (const command of leaves(program).filter((one) => one.name() !== 'run' || one.parent !== program)) {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      assert.match(help, /Examples?:/, command.name());
    }
  });
});
