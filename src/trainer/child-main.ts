/** What a trainer's process runs: it imports the module that `inChild` names and gives its trainer the context. @module */
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { openStore } from '../artifacts/open-store.js';
import { pinning } from '../artifacts/pinning.js';
import { AttemptStop } from '../context/attempt-stop.js';
import { buildContext } from '../context/build-context.js';
import { type LogLevel } from '../context/reports.js';
import { runStageCode } from '../context/run-stage-code.js';
import { classifyError, type Evidence } from '../context/stage-failure.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { Channel, channelReports } from './channel.js';
import { channelCheckpoints } from './channel-checkpoints.js';
import type { Trainer } from './define-trainer.js';
import { Start, startVariable } from './protocol.js';

const [moduleUrl = ''] = process.argv.slice(2);
const stop = new AbortController();
const channel = new Channel(({ reason, graceMs }) => {
  stop.abort(new AttemptStop(reason, graceMs));
});

process.on('uncaughtException', fail); // unhandled rejections too
try {
  const output = await train(Start.parse(JSON.parse(readFileSync(process.env[startVariable] ?? '', 'utf8'))));
  channel.send({ type: 'output', output });
  process.exit(0); // a timer or a socket that the trainer left open must not hold the pool's slot
} catch (error) {
  fail(error);
}

async function train(start: Start): Promise<unknown> {
  const trainer = trainerOf(await import(moduleUrl), start.run.stage);
  const reports = channelReports(channel);
  const { input, scratch, devices, attempt, run } = start;
  const context = buildContext({
    input,
    store: pinning(await openStore(start.store, { baseFolder: process.cwd() }), () => scratch),
    checkpoints: channelCheckpoints(channel, start),
    reports,
    secrets: Object.fromEntries(start.secrets.map((name) => [name, process.env[name] ?? ''])),
    signal: stop.signal,
    log: logger(),
    scratch,
    devices,
    attempt,
    run,
  });
  // The worker has checked the input against the contract.
  return runStageCode(context as Parameters<Trainer['run']>[0], (context) => trainer.run(context));
}

function trainerOf(module: unknown, stage: string): Trainer {
  const trainer = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (typeof trainer !== 'object' || trainer === null || !('contract' in trainer) || !('run' in trainer))
    throw new TrainyardError('TY1602', `stage ${stage}: ${moduleUrl} has no trainer as its default export`);
  const found = trainer as Trainer; // what defineTrainer makes, and nothing else has both
  if (found.contract.name !== stage)
    throw new TrainyardError('TY1602', `stage ${stage}: ${moduleUrl} exports the trainer of ${found.contract.name}`);
  return found;
}

/** `ctx.log`: pino's lines as messages, which the worker writes with run, stage and attempt. */
function logger() {
  const { labels } = pino.levels;
  return pino(
    { base: null, timestamp: false, level: 'trace' },
    {
      write: (line: string) => {
        // pino's own line: an object with its level and message, and fields that are JSON.
        const { level, msg, ...fields } = JSON.parse(line) as { level: number; msg?: string } & Evidence;
        channelReports(channel).log((labels[level] ?? 'info') as LogLevel, msg ?? '', fields);
      },
    },
  );
}

function fail(error: unknown): void {
  const { failureClass, message, stack, evidence } = classifyError(error);
  const trace = error instanceof Error ? error.stack : stack;
  channel.send({ type: 'failure', class: failureClass, message: message || messageOf(error), stack: trace, evidence });
  process.exit(1);
}
