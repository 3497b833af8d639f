/** `trainyard stage run`: one stage in this terminal, without an engine, with breakpoints. @module */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import inspector from 'node:inspector';
import { join } from 'node:path';
import { Command } from 'commander';
import { AttemptFailure, AttemptInterrupted } from '../activity/attempt-host.js';
import type { StageImplementation } from '../activity/implement-stage.js';
import { openStore } from '../artifacts/open-store.js';
import { loadProject } from '../config/load-project.js';
import { loadImplementations } from '../config/project-modules.js';
import { changingDirectly } from '../context/entity-access.js';
import { parseOrThrow } from '../contracts/contract-violation.js';
import type { Progress } from '../contracts/envelope.js';
import { TrainyardError } from '../contracts/errors.js';
import { openSigner } from '../records/signing.js';
import { runStage } from '../testing/run-stage.js';
import { workerLog } from '../worker/worker-log.js';
import { quantity } from './figures.js';
import { readWholeInput } from './flags.js';
import { type ProjectFlags, withProjectFlags } from './session.js';

interface StageFlags extends ProjectFlags {
  readonly input: string;
  readonly resume?: string;
  readonly inspect?: boolean;
}

/** `stage run <stage>`. */
export function stageCommand(): Command {
  const run = withProjectFlags(new Command('run'))
    .description('run one stage here, without an engine; its output is JSON on stdout')
    .argument('<stage>', 'name of the stage')
    .requiredOption('--input <json>', 'the input as JSON, or @file.json')
    .option(
      '--resume <dir>',
      'remember this call in a folder: the same command again resumes from its newest checkpoint',
    )
    .option('--inspect', "wait for a debugger before the stage's code runs")
    .addHelpText('after', '\nExample:\n  trainyard stage run train --input @train.json --resume .trainyard/try-1')
    .action(runOne);
  return new Command('stage').description('stages without an engine').addCommand(run);
}

async function runOne(name: string, flags: StageFlags): Promise<void> {
  const project = await loadProject({ folder: flags.project, environment: flags.env });
  const implementations = await loadImplementations<StageImplementation>(project);
  const implementation = implementations.find(({ contract }) => contract.name === name);
  if (implementation === undefined) {
    const known = implementations.map(({ contract }) => contract.name).join(', ');
    throw new TrainyardError('TY1911', `project ${project.project.name} has no stage "${name}"; it has: ${known}`);
  }
  // Checked here too, so that wrong input is a mistake in the command and leaves no folder behind.
  const input = parseOrThrow(implementation.contract.input, readWholeInput(flags.input), `stage ${name}: input`);
  const stopped = new AbortController();
  const stop = () => {
    stopped.abort();
  };
  process.once('SIGINT', stop);
  try {
    const store = await openStore(project.store, { baseFolder: project.folder });
    const { output, attempts } = await runStage(flags.inspect ? inspected(implementation) : implementation, {
      input,
      store,
      entities: changingDirectly(store, openSigner(project.folder)),
      ...(flags.resume !== undefined && { stageKey: await callOf(flags.resume, name) }),
      signal: stopped.signal,
      onProgress: progressLine(),
      log: workerLog({ stage: name }, 'warn'),
    });
    process.stderr.write(attempts > 1 ? `\nattempt ${attempts}\n` : '\n');
    process.stdout.write(`${JSON.stringify(output, null, 2)}\n`);
  } catch (error) {
    if (!(error instanceof AttemptFailure || error instanceof AttemptInterrupted)) throw error;
    process.stderr.write(`\n${error instanceof AttemptFailure ? `${error.failureClass}: ` : ''}${error.message}\n`);
    process.exitCode = error instanceof AttemptFailure ? 1 : 130;
  } finally {
    process.off('SIGINT', stop);
  }
}

/** Rewrites one line; every heartbeat comes by, and the first ones have nothing to tell. */
function progressLine(): (progress: Progress) => void {
  let shown = '';
  return ({ done, total, unit }) => {
    const line = `${quantity(done)}${total === undefined ? '' : ` of ${quantity(total)}`} ${unit}`;
    if (done === 0 || line === shown) return;
    shown = line;
    process.stderr.write(`\r${line}   `);
  };
}

/** The folder names a call of the stage; its checkpoints lie in the project's store, where the input's refs lead too. */
async function callOf(folder: string, stage: string): Promise<string> {
  const file = join(folder, `${stage}.call`);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(file, `local/${stage}-${randomUUID()}`, { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFile(file, 'utf8');
}

/** A trainer stops at its first line in its own process; a handler in this one. */
function inspected(implementation: StageImplementation): StageImplementation {
  const { code } = implementation;
  if (code.kind !== 'handler') return { ...implementation, code: { ...code, args: ['--inspect-brk=0', ...code.args] } };
  inspector.open(0);
  inspector.waitForDebugger();
  return implementation;
}
