/** `trainyard run` and `trainyard watch`: start a run, or find one, then watch it to its end. @module */
import { userInfo } from 'node:os';
import { Command } from 'commander';
import type { Run } from '../client/run.js';
import { loadPipelines } from '../config/project-modules.js';
import { loadProject } from '../config/load-project.js';
import { parseOrThrow } from '../contracts/contract-violation.js';
import type { Limits } from '../contracts/budget.js';
import type { PipelineContract } from '../contracts/define-pipeline.js';
import { TrainyardError } from '../contracts/errors.js';
import type { PriorityLevel } from '../contracts/priority.js';
import { addInputFlags, inputFromFlags } from './flags.js';
import { amount, priorityLevel } from './numbers.js';
import { type ProjectFlags, type Session, withClient, withEngine, withProjectFlags, withSession } from './session.js';
import { exitCodeOf, viewFor, watchRun } from './watch-run.js';

interface RunFlags extends ProjectFlags {
  readonly budgetDeviceHours?: number;
  readonly budgetCost?: number;
  readonly id?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
  readonly priority?: PriorityLevel;
  readonly tenant?: string;
  readonly by?: string;
}

/** `trainyard run <pipeline>`: the flags of the pipeline's input come from its schema. */
export function runCommand(): Command {
  return withProjectFlags(new Command('run'))
    .description('start a run of a pipeline and watch it')
    .argument('[pipeline]', 'name of the pipeline; `trainyard run <pipeline> --help` lists its input')
    .argument('[input...]', 'flags of the input: --input.<name> <value>, or --input @file.json')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (name: string | undefined, _input: string[], flags: ProjectFlags, command: Command) => {
      const rest = command.args.slice(name === undefined ? 0 : 1);
      await runNamed(name === '--help' || name === '-h' ? undefined : name, rest, flags);
    });
}

const usageLine =
  'Usage: trainyard run <pipeline> [--input.<name> <value>] [--input @file.json] [--priority 1-5] [--tenant T] [--detach] [--env E] [--json]\n';

async function runNamed(name: string | undefined, args: string[], flags: ProjectFlags): Promise<void> {
  const folder = flags.project ?? valueOf('--project', args);
  const environment = flags.env ?? valueOf('--env', args);
  const project = await loadProject({ folder, environment }).catch((error: unknown) => {
    // Help is given outside of a project, too.
    if (name !== undefined || folder !== undefined) throw error;
    return undefined;
  });
  if (project === undefined) {
    process.stdout.write(
      `${usageLine}\nHere is no project: in the folder of a trainyard.config, this lists its pipelines.\n`,
    );
    return;
  }
  const pipelines = await loadPipelines(project);
  const contract = name === undefined ? undefined : pipelines.get(name);
  if (contract === undefined) {
    const known = [...pipelines.values()].map((one) => `  ${one.name.padEnd(20)} ${one.description ?? ''}`).join('\n');
    const usage = `${usageLine}\nPipelines of ${project.project.name}:\n${known}\n\nExample: trainyard run ${[...pipelines.keys()][0] ?? 'churnTraining'} --help\n`;
    if (name === undefined) process.stdout.write(usage);
    else
      throw new TrainyardError(
        'TY1908',
        `project ${project.project.name} has no pipeline "${name}"; it has: ${[...pipelines.keys()].join(', ')}`,
      );
    return;
  }
  await pipelineCommand(contract, flags).parseAsync(args, { from: 'user' });
}

function pipelineCommand(contract: PipelineContract, outer: ProjectFlags): Command {
  const command = withProjectFlags(new Command(`trainyard run ${contract.name}`))
    .description(contract.description ?? `start a run of ${contract.name} and watch it`)
    .option('--id <id>', "the run's workflow id; default: the pipeline's name and the time")
    .option(
      '--budget-device-hours <hours>',
      'hours of devices that the run may spend; then it waits for a raise',
      amount,
    )
    .option('--budget-cost <money>', "money that it may spend, in the unit of the pools' costPerHour", amount)
    .option('--detach', 'start the run and return')
    .option('--priority <1-5>', "1 goes first, 5 last; default: the pipeline's, else 3", priorityLevel)
    .option('--tenant <name>', 'whose run it is: its share of the pools, and of the runs at a time')
    .option(
      '--by <name>',
      'who starts it, and may not decide where a policy says so; default: the user of this machine',
    )
    .option('--json', 'JSON lines on stdout')
    .addHelpText('after', `\nExample:\n  trainyard run ${contract.name} --input @input.json --detach`);
  // It is parsed by itself, outside of the command table.
  command.exitOverride();
  addInputFlags(command, contract.input);
  return command.action(async (options: RunFlags & Record<string, unknown>) => {
    // Checked before a server is looked for: a wrong input starts nothing.
    const input = parseOrThrow(
      contract.input,
      inputFromFlags(contract.input, options),
      `pipeline ${contract.name}: input`,
    );
    const project = await loadProject({
      folder: outer.project ?? options.project,
      environment: outer.env ?? options.env,
    });
    await withEngine(project, (engine) =>
      withClient(project, engine, async (session) => {
        const { id, priority, tenant, by = userInfo().username } = options;
        const budget = budgetOf(options);
        const run = await session.pipelines.start(contract, { input, workflowId: id, by, priority, tenant, budget });
        if (options.detach)
          say(options, { type: 'run', workflowId: run.workflowId, state: 'running' }, `started ${run.workflowId}`);
        else await watchToEnd(session, run, options);
      }),
    );
  });
}

function budgetOf({ budgetDeviceHours: deviceHours, budgetCost: cost }: RunFlags): Limits | undefined {
  return deviceHours === undefined && cost === undefined ? undefined : { deviceHours, cost };
}

/** `trainyard watch --run <id>`. */
export function watchCommand(): Command {
  return withProjectFlags(new Command('watch'))
    .description('watch a run, as `trainyard run` does')
    .argument('<run>', 'workflow id, or the beginning of one')
    .option('--json', 'JSON lines on stdout')
    .addHelpText('after', '\nExample:\n  trainyard watch churnTraining-20261121')
    .action(async (prefix: string, flags: RunFlags) => {
      await withSession(flags, async (session) => {
        await watchToEnd(session, await session.pipelines.find(prefix), flags);
      });
    });
}

async function watchToEnd({ client, project }: Session, run: Run, flags: RunFlags): Promise<void> {
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  process.once('SIGINT', stop);
  try {
    const view = viewFor(flags);
    const end = await watchRun({ run, client, project: project.project.name, signal: stopped.signal, view });
    process.exitCode = exitCodeOf(end);
    const goesOn = `the run goes on: trainyard watch ${run.workflowId}, or trainyard cancel ${run.workflowId}`;
    const text =
      end.state === 'completed'
        ? JSON.stringify(end.output, null, 2)
        : end.state === 'detached'
          ? goesOn
          : `${end.state}: ${end.failure}`;
    say(flags, { type: 'result', workflowId: run.workflowId, ...end }, text);
  } finally {
    process.off('SIGINT', stop);
  }
}

/** One line of JSON, or text for people. */
function say({ json }: { readonly json?: boolean }, event: Readonly<Record<string, unknown>>, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(event) : text}\n`);
}

function valueOf(flag: string, args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  if (at < 0) return undefined;
  return args[at] === flag ? args[at + 1] : args[at]?.slice(flag.length + 1);
}
