/** `trainyard engine`: the development server, by hand. @module */
import { Command, Option } from 'commander';
import { type LoadedProject, loadProject } from '../config/load-project.js';
import { checkEngine } from '../engine/check.js';
import { connectEngine, type EngineOptions } from '../engine/connect-engine.js';
import { locateEngine } from '../engine/locate.js';
import { engineStatus, stopEngine } from '../engine/start.js';
import { portNumber } from './numbers.js';
import { type ProjectFlags, withProjectFlags } from './session.js';

const onProgress = (line: string) => process.stderr.write(`${line}\n`);
const write = (text: string) => process.stdout.write(`${text}\n`);

/** start, stop, status, path and check. */
export function engineCommand(): Command {
  const engine = new Command('engine').description(
    "the project's Temporal server for development: found, built, tuned, shared",
  );
  engine.addCommand(startCommand());
  engine.addCommand(stopCommand());
  engine.addCommand(statusCommand());
  engine.addCommand(
    new Command('path')
      .description('which Temporal server commands would use; gets one if there is none')
      .addHelpText('after', '\nExample:\n  trainyard engine path')
      .action(async () => {
        const located = await locateEngine({ onProgress });
        process.stderr.write(`${located.source}\n`);
        write(located.kind === 'binary' ? located.path : located.connection.address);
      }),
  );
  engine.addCommand(
    withProjectFlags(new Command('check'))
      .description('connect as a run would, and say what is found')
      .addHelpText('after', '\nExample:\n  trainyard engine check')
      .action(async (flags: ProjectFlags) => {
        for (const { name, ok, detail } of await checkEngine(optionsOf(await load(flags))))
          write(`${ok ? '✓' : '!'} ${name.padEnd(18)} ${detail}`);
      }),
  );
  return engine;
}

interface StartFlags extends ProjectFlags {
  readonly port?: number;
  readonly uiPort?: number;
  readonly synchronous: 'normal' | 'full';
}

function startCommand(): Command {
  return withProjectFlags(new Command('start'))
    .description('start the server and leave it running')
    .option('--port <port>', 'default: the port of last time, or a free one', portNumber)
    .option('--ui-port <port>', "port of Temporal's UI; default: likewise", portNumber)
    .addOption(
      new Option(
        '--synchronous <mode>',
        'normal: a power cut may lose the last moments; full: it loses nothing, and is slower',
      )
        .choices(['normal', 'full'])
        .default('normal'),
    )
    .addHelpText('after', '\nExample:\n  trainyard engine start --ui-port 8233')
    .action(async (flags: StartFlags) => {
      const engine = await connectEngine({
        ...optionsOf(await load(flags)),
        keep: true,
        synchronous: flags.synchronous,
        ...(flags.port !== undefined && { port: flags.port }),
        ...(flags.uiPort !== undefined && { uiPort: flags.uiPort }),
      });
      await engine.release();
      write(
        `${engine.source}\naddress ${engine.address}, namespace ${engine.namespace}${engine.uiAddress === undefined ? '' : `, UI ${engine.uiAddress}`}`,
      );
      for (const note of engine.notes) write(note);
    });
}

function stopCommand(): Command {
  return withProjectFlags(new Command('stop'))
    .description('stop the server; its data stay')
    .option('--force', 'also while commands use it')
    .addHelpText('after', '\nExample:\n  trainyard engine stop')
    .action(async (flags: ProjectFlags & { readonly force?: boolean }) => {
      const { folder } = await load(flags);
      write(
        (await stopEngine({ projectFolder: folder, force: flags.force ?? false }))
          ? 'stopped'
          : 'no server was running',
      );
    });
}

function statusCommand(): Command {
  return withProjectFlags(new Command('status'))
    .description('whether the server runs, where, and for how many commands')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  trainyard engine status --json')
    .action(async (flags: ProjectFlags & { readonly json?: boolean }) => {
      const { folder } = await load(flags);
      const status = await engineStatus({ projectFolder: folder });
      if (flags.json) write(JSON.stringify(status));
      else if (status.state === 'stopped') write(`stopped; data in ${status.folder}`);
      else
        write(
          `running at ${status.server.address}, UI ${status.server.uiAddress}, used by ${status.users}${status.kept ? ', kept until `trainyard engine stop`' : ''}; data in ${status.folder}`,
        );
    });
}

function load(flags: ProjectFlags): Promise<LoadedProject> {
  return loadProject({ folder: flags.project, environment: flags.env });
}

function optionsOf({ folder, namespace }: LoadedProject): EngineOptions {
  return { projectFolder: folder, namespace, onProgress };
}
