#!/usr/bin/env node
/** `trainyard`: parses what was typed, runs the command, and says how it ended. @module */
import { Command } from 'commander';
import { createRequire } from 'node:module';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { commands } from './commands.js';

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };

const program = new Command('trainyard')
  .enablePositionalOptions()
  .description('Typed machine-learning pipelines on Temporal that survive everything.')
  .version(version)
  .addHelpText(
    'after',
    '\nExample:\n  trainyard run churnTraining --input.source customers.csv\n\nExit codes: 0 done, 1 failed, 2 usage, 3 rejected.',
  );

/** Mistakes in what was typed, as opposed to runs that failed. */
const usageCodes = new Set([
  'TY1001',
  'TY1003',
  'TY1006',
  'TY1102',
  'TY1104',
  'TY1110',
  'TY1902',
  'TY1907',
  'TY1908',
  'TY1911',
  'TY1920',
  'TY1921',
  'TY2101',
  'TY2510',
  'TY2514',
  'TY2520',
  'TY2601',
  'TY2403',
  'TY2405',
  'TY2408',
  'TY2308',
  'TY2309',
  'TY2310',
  'TY2311',
]);

async function main(args: readonly string[]): Promise<void> {
  const wanted = commands.find(([name]) => name === args[0]);
  if (wanted) program.addCommand(await wanted[2]());
  else for (const [name, summary] of commands) program.command(name).description(summary);
  // Commander ends the process with 1 for a usage error; here that means a failed run.
  for (const command of everyCommand(program)) command.exitOverride();
  await program.parseAsync(args, { from: 'user' });
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function fail(error: unknown): void {
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')) {
    process.exitCode = 'exitCode' in error && error.exitCode === 0 ? 0 : 2;
    return;
  }
  const isOurs = error instanceof TrainyardError;
  const debug = process.env['TRAINYARD_DEBUG'] !== undefined;
  process.stderr.write(`${debug && error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`);
  if (!isOurs && !debug) process.stderr.write('This looks like a bug in Trainyard: TRAINYARD_DEBUG=1 shows where.\n');
  process.exitCode = isOurs && usageCodes.has(error.code) ? 2 : 1;
}

main(process.argv.slice(2)).catch(fail);
