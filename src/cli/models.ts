/** `trainyard models`: the registry. Reading needs the store alone; changing needs a pipelines worker. @module */
import { Command } from 'commander';
import { modelsAliasCommand, modelsRemoveAliasCommand, modelsRollBackCommand } from './models-alias.js';
import { modelsAnnotateCommand, modelsArchiveCommand } from './models-annotate.js';
import { modelsAsOfCommand } from './models-asof.js';
import { modelsCardCommand } from './models-card.js';
import { modelsCompareCommand } from './models-compare.js';
import { modelsHistoryCommand } from './models-history.js';
import { modelsLsCommand } from './models-ls.js';
import { modelsRegisterCommand } from './models-register.js';
import { modelsShowCommand } from './models-show.js';

/** The command with its verbs: first those that read, then those that change. */
export function modelsCommand(): Command {
  const models = new Command('models').description("the registry of the project's models");
  for (const command of [
    modelsLsCommand(),
    modelsShowCommand(),
    modelsCompareCommand(),
    modelsHistoryCommand(),
    modelsAsOfCommand(),
    modelsCardCommand(),
    modelsRegisterCommand(),
    modelsAliasCommand(),
    modelsRemoveAliasCommand(),
    modelsRollBackCommand(),
    modelsArchiveCommand(),
    modelsAnnotateCommand(),
  ])
    models.addCommand(command);
  return models.addHelpText('after', '\nExample:\n  trainyard models asof churn champion 2026-03-01T12:00Z');
}
