/** `trainyard models card`: generated, with what people wrote into it kept. @module */
import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { isErrno } from '../artifacts/durable-files.js';
import { TrainyardError } from '../contracts/errors.js';
import { keepOwn } from '../reports/keep-own.js';
import { type ReadFlags, withReadFlags } from './change-flags.js';
import { openModels } from './models-session.js';
import { write } from './store-session.js';

interface CardFlags extends ReadFlags {
  readonly out?: string;
  readonly html?: boolean;
}

/** The card of a version, on stdout or in a file. */
export function modelsCardCommand(): Command {
  return withReadFlags(new Command('card'))
    .description('the model card of a version, in Markdown or HTML')
    .argument('<model>')
    .argument('<version>', 'a number or an alias')
    .option('--out <file>', 'written to; what people wrote into it stays')
    .option('--html', 'a page instead of Markdown; default where the file ends in .html')
    .addHelpText('after', '\nExample:\n  trainyard models card churn champion --out MODEL_CARD.md')
    .action(
      async (name: string, version: string, { out, html = out?.endsWith('.html') === true, ...flags }: CardFlags) => {
        const card = await (await openModels(flags)).card(name, version, html ? 'html' : 'markdown');
        const existing = out === undefined ? undefined : await textOf(out);
        const text = existing === undefined ? card : keepOwn(existing, card);
        if (text === undefined)
          throw new TrainyardError('TY1921', `${out ?? ''} exists, and is not a generated card`, {
            remedy: 'Name another file, or delete this one',
          });
        if (out !== undefined) await writeFile(out, text);
        if (flags.json) write(JSON.stringify({ model: name, version, file: out ?? null, card: text }));
        else if (out === undefined) process.stdout.write(text);
      },
    );
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
