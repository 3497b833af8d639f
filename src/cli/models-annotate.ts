/** `trainyard models annotate` and `archive`. @module */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { parseOrThrow } from '../contracts/contract-violation.js';
import { Annotation } from '../contracts/model-version.js';
import { type ChangeFlags, withDecidedChangeFlags } from './change-flags.js';
import { changeModels } from './models-session.js';
import { howMany } from './numbers.js';

type Pairs = Readonly<Record<string, string>>;

interface AnnotateFlags extends ChangeFlags {
  readonly card: Pairs;
  readonly tag: Pairs;
  readonly metric: Pairs;
  readonly licence?: string;
}

/** Says something more of a version. */
export function modelsAnnotateCommand(): Command {
  return withDecidedChangeFlags(new Command('annotate'))
    .description('say more of a version: sections of its card, tags, figures measured later')
    .argument('<model>')
    .argument('<version>', 'a number', howMany)
    .option('--card <section=text>', 'a section of the card, or section=@file.md; empty takes it away', pair, {})
    .option('--tag <name=value>', 'a tag; empty takes it away', pair, {})
    .option('--metric <name=number>', 'a figure', pair, {})
    .option('--licence <id>', 'SPDX identifier')
    .addHelpText(
      'after',
      '\nExample:\n  trainyard models annotate churn 7 --card intendedUse=@use.md --tag team=risk --reason "reviewed"',
    )
    .action(async (model: string, version: number, flags: AnnotateFlags) => {
      const annotation = parseOrThrow(
        Annotation,
        {
          card: mapped(flags.card, (text) => (text === '' ? null : textOf(text))),
          tags: mapped(flags.tag, (text) => (text === '' ? null : text)),
          metrics: mapped(flags.metric, Number),
          licence: flags.licence,
        },
        'annotation',
      );
      await changeModels(flags, async (registry, options) => {
        await registry.annotate(model, version, annotation, options);
        return [`annotated version ${version} of ${model}`, { model, version }];
      });
    });
}

/** Takes a version out of use. */
export function modelsArchiveCommand(): Command {
  return withDecidedChangeFlags(new Command('archive'))
    .description('take a version out of use, for good: it can carry no alias any more')
    .argument('<model>')
    .argument('<version>', 'a number', howMany)
    .addHelpText('after', '\nExample:\n  trainyard models archive churn 3 --reason "superseded"')
    .action(async (model: string, version: number, flags: ChangeFlags) => {
      await changeModels(flags, async (registry, options) => {
        await registry.archive(model, version, options);
        return [`archived version ${version} of ${model}`, { model, version }];
      });
    });
}

/** `name=value`, collected. */
export function pair(text: string, before: Pairs): Pairs {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('A name, "=" and a value, please.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

function mapped<Value>(pairs: Pairs, of: (text: string) => Value): Record<string, Value> | undefined {
  const entries = Object.entries(pairs).map(([name, text]) => [name, of(text)] as const);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function textOf(text: string): string {
  return text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text;
}
