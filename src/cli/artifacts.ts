/** `trainyard artifacts`: what the store holds, what it is, whether it is whole, and what may go. @module */
import { Command } from 'commander';
import { artifactsGetCommand } from './artifacts-get.js';
import { artifactsGcCommand } from './artifacts-gc.js';
import { artifactsLsCommand } from './artifacts-ls.js';
import { artifactsShowCommand } from './artifacts-show.js';
import { artifactsVerifyCommand } from './artifacts-verify.js';

/** ls, show, get, verify and gc. */
export function artifactsCommand(): Command {
  const artifacts = new Command('artifacts').description("the project's artifact store: what is in it, and its upkeep");
  for (const command of [
    artifactsLsCommand(),
    artifactsShowCommand(),
    artifactsGetCommand(),
    artifactsVerifyCommand(),
    artifactsGcCommand(),
  ])
    artifacts.addCommand(command);
  return artifacts;
}
