#!/usr/bin/env node
/** `trainyard`: the command table. Each command's code is loaded only when it is called. @module */
import { Command } from 'commander';
import { createRequire } from 'node:module';
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** Name, summary, and where the command's code is. */
const commands: readonly (readonly [string, string, () => Promise<Command>])[] = [
  ['run', 'start a run of a pipeline and watch it', async () => (await import('./run.js')).runCommand()],
  ['watch', 'watch a run', async () => (await import('./run.js')).watchCommand()],
  ['show', 'list runs, or show one with its attempts', async () => (await import('./show.js')).showCommand()],
  ['cancel', 'ask a run to stop', async () => (await import('./decide.js')).cancelCommand()],
  ['approve', 'approve what a run waits for', async () => (await import('./decide.js')).decideCommand('approve')],
  ['reject', 'reject what a run waits for', async () => (await import('./decide.js')).decideCommand('reject')],
  [
    'approvals',
    'what runs ask people, and who decides',
    async () => (await import('./approvals.js')).approvalsCommand(),
  ],
  [
    'cache',
    'why a stage took a result from its cache, or not',
    async () => (await import('./cache.js')).cacheCommand(),
  ],
  ['budget', 'what a run has spent, and may', async () => (await import('./budget.js')).budgetCommand()],
  [
    'schedule',
    'what runs when: each slice once, backfills, and whether none is missing',
    async () => (await import('./schedule.js')).scheduleCommand(),
  ],
  [
    'artifacts',
    'what the store holds, whether it is whole, what may go',
    async () => (await import('./artifacts.js')).artifactsCommand(),
  ],
  [
    'models',
    'versions of models, their aliases and what was decided about them',
    async () => (await import('./models.js')).modelsCommand(),
  ],
  ['loop', 'retraining loops: what they do, and why', async () => (await import('./loop.js')).loopCommand()],
  [
    'monitor',
    'monitors of deployments: what they found, and what fires',
    async () => (await import('./monitor.js')).monitorCommand(),
  ],
  ['chaos', 'kill what works on a run, to see it survive', async () => (await import('./chaos.js')).chaosCommand()],
  ['stage', 'run one stage without an engine', async () => (await import('./stage-run.js')).stageCommand()],
  [
    'check',
    'whether the code in the working tree can go on with the runs of the old one',
    async () => (await import('./check.js')).checkCommand(),
  ],
  ['worker', 'serve a pool', async () => (await import('./worker.js')).workerCommand()],
  ['serve', 'serve deployed models', async () => (await import('./serve.js')).serveCommand()],
  ['endpoints', 'which revisions serve a name', async () => (await import('./endpoints.js')).endpointsCommand()],
  [
    'rollout',
    'let a new revision meet more and more requests, judged at every step',
    async () => (await import('./rollout.js')).rolloutCommand(),
  ],
  ['engine', 'the Temporal server for development', async () => (await import('./engine.js')).engineCommand()],
];

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
