/** `trainyard models alias`, `unalias` and `rollback`. @module */
import { Command, InvalidArgumentError } from 'commander';
import { type ChangeFlags, withDecidedChangeFlags } from './change-flags.js';
import { changeModels } from './models-session.js';
import { howMany } from './numbers.js';

interface MoveFlags extends ChangeFlags {
  readonly from?: number | null;
}

const fromWords = 'refused unless the alias points at this version, or at none, right now';

/** Points an alias at a version. */
export function modelsAliasCommand(): Command {
  return withDecidedChangeFlags(new Command('alias'))
    .description('point an alias at a version')
    .argument('<model>')
    .argument('<alias>', 'champion, challenger, any')
    .argument('<version>', 'a number', howMany)
    .option('--from <version>', fromWords, versionOrNone)
    .addHelpText(
      'after',
      '\nExample:\n  trainyard models alias churn champion 7 --reason "better by 0.02" --decision 3f9a…',
    )
    .action(async (model: string, alias: string, version: number, flags: MoveFlags) => {
      await changeModels(flags, async (registry, options) => {
        await registry.setAlias(model, alias, version, { ...options, ...fromOf(flags) });
        return [`${alias} of ${model} is version ${version}`, { model, alias, version }];
      });
    });
}

/** Takes an alias away. */
export function modelsRemoveAliasCommand(): Command {
  return withDecidedChangeFlags(new Command('unalias'))
    .description('take an alias away')
    .argument('<model>')
    .argument('<alias>')
    .addHelpText('after', '\nExample:\n  trainyard models unalias churn challenger --reason "the trial is over"')
    .action(async (model: string, alias: string, flags: ChangeFlags) => {
      await changeModels(flags, async (registry, options) => {
        await registry.removeAlias(model, alias, options);
        return [`${model} has no alias ${alias} any more`, { model, alias, version: null }];
      });
    });
}

/** Gives an alias the version that it had before. */
export function modelsRollBackCommand(): Command {
  return withDecidedChangeFlags(new Command('rollback'))
    .description('give an alias the version that it had before')
    .argument('<model>')
    .argument('<alias>')
    .option('--from <version>', fromWords, versionOrNone)
    .addHelpText('after', '\nExample:\n  trainyard models rollback churn champion --reason "latency doubled"')
    .action(async (model: string, alias: string, flags: MoveFlags) => {
      await changeModels(flags, async (registry, options) => {
        const version = await registry.rollBack(model, alias, { ...options, ...fromOf(flags) });
        return [`${alias} of ${model} is version ${version} again`, { model, alias, version }];
      });
    });
}

function fromOf({ from }: MoveFlags): Pick<MoveFlags, 'from'> {
  return from === undefined ? {} : { from };
}

function versionOrNone(text: string): number | null {
  if (text === 'none') return null;
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A number, or "none".');
  return Number(text);
}
