/** The project file, found and loaded: `trainyard.config`, built to JavaScript with the rest. @module */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Project } from '../contracts/define-project.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** A project with its places: everything that a command needs to stand in it. */
export interface LoadedProject {
  readonly project: Project;
  /** The folder of the nearest package.json: `.trainyard/` lives there and relative `file:` stores begin there. */
  readonly folder: string;
  /** The environment that was chosen: processes that are started for the project are told. */
  readonly environment: string | undefined;
  readonly namespace: string;
  /** Uri of the artifact store, relative paths resolved. */
  readonly store: string;
  /** Absolute paths of the built modules. */
  readonly modules: Project['modules'];
}

/** Where the file may stand below the folder that is asked for. */
const candidates = ['trainyard.config.js', 'dist/trainyard.config.js', 'dist/src/trainyard.config.js'];

/**
 * Loads the project of `folder` or of the nearest folder above it.
 * @param options.folder @default TRAINYARD_PROJECT, or the working directory
 * @throws TrainyardError TY1102 when no project is found, TY1103 when its file does not load or exports none, TY1104 for an unknown environment.
 */
export async function loadProject(
  options: { readonly folder?: string; readonly environment?: string } = {},
): Promise<LoadedProject> {
  const start = resolve(options.folder ?? process.env['TRAINYARD_PROJECT'] ?? '.');
  const file = findConfig(start);
  if (file === undefined) {
    const unbuilt = existsSync(join(start, 'trainyard.config.ts'));
    const remedy = unbuilt ? 'Build the project first: npx tsc -b' : undefined;
    throw new TrainyardError('TY1102', `no trainyard.config.js in ${start} or above`, { remedy });
  }
  const project = await importProject(file);
  const folder = packageFolder(dirname(file));
  const environment = environmentOf(project, options.environment);
  return {
    project,
    folder,
    environment: options.environment,
    namespace: environment.namespace ?? project.namespace,
    store: absoluteStore(environment.store ?? project.store, folder),
    modules: {
      contracts: resolve(dirname(file), project.modules.contracts),
      activities: resolve(dirname(file), project.modules.activities),
      workflows: resolve(dirname(file), project.modules.workflows),
    },
  };
}

function findConfig(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = candidates.map((candidate) => join(folder, candidate)).find((file) => existsSync(file));
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}

async function importProject(file: string): Promise<Project> {
  let module: unknown;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new TrainyardError('TY1103', `${file} does not load: ${messageOf(error)}`, { cause: error });
  }
  const project = (module as Record<string, unknown>)['project'];
  if (typeof project !== 'object' || project === null || !('pools' in project))
    throw new TrainyardError('TY1103', `${file} does not export a "project"`);
  // Made by defineProject, which filled the defaults.
  return project as Project;
}

function packageFolder(start: string): string {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json'))) return folder;
  return start;
}

function environmentOf(
  project: Project,
  name: string | undefined,
): { readonly namespace?: string; readonly store?: string } {
  if (name === undefined) return {};
  const environment = project.environments?.[name];
  if (environment !== undefined) return environment;
  const known = Object.keys(project.environments ?? {}).join(', ') || 'none';
  throw new TrainyardError('TY1104', `project ${project.name} has no environment "${name}"; it has: ${known}`);
}

function absoluteStore(uri: string, folder: string): string {
  return uri.startsWith('file:') && !uri.startsWith('file://')
    ? pathToFileURL(resolve(folder, uri.slice('file:'.length))).href
    : uri;
}
