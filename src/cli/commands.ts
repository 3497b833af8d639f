/** The command table. Each command's code is loaded only when it is called. @module */
import type { Command } from 'commander';

/** Name, summary, and where the command's code is. */
export const commands: readonly (readonly [string, string, () => Promise<Command>])[] = [
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
