/** A project: its pools, store, environments and secrets. @module */
import { assertName, pipelinesPool } from './names.js';
import { TrainyardError } from './errors.js';

/** A pool of workers: one task queue, `<project>/<pool>`. */
export interface PoolOptions {
  /** A pool with a device runs one attempt a device, in child processes only. */
  readonly device?: 'cuda';
}

/** Where a project runs when `--env` names it; what is absent is as in the project. */
export interface EnvironmentOptions {
  readonly namespace?: string;
  readonly store?: string;
}

/** Where the value of a secret comes from; see {@link fromEnv}. */
export interface SecretSource {
  readonly from: 'env';
  /** Name of the environment variable. @default the secret's own name */
  readonly name?: string;
}

/** Files of the project beside `trainyard.config`, as they are after the build. */
export interface ProjectModules {
  /** Exports the pipeline contracts. @default './contracts.js' */
  readonly contracts?: string;
  /** Exports the stage implementations. @default './activities.js' */
  readonly activities?: string;
  /** Exports the pipelines; bundled for Temporal's sandbox. @default './workflows.js' */
  readonly workflows?: string;
}

/** What `defineProject` takes. */
export interface ProjectOptions {
  readonly name: string;
  readonly pools: Readonly<Record<string, PoolOptions>>;
  /** `file:` and a folder, relative to the project's own. @default 'file:.trainyard/artifacts' */
  readonly store?: string;
  /** Temporal namespace. @default the project's name */
  readonly namespace?: string;
  readonly environments?: Readonly<Record<string, EnvironmentOptions>>;
  readonly secrets?: Readonly<Record<string, SecretSource>>;
  readonly modules?: ProjectModules;
}

/** A project with its defaults filled. */
export type Project<Options extends ProjectOptions = ProjectOptions> = Options & {
  readonly store: string;
  readonly namespace: string;
  readonly modules: Required<ProjectModules>;
};

/**
 * Declares a project; `trainyard.config.ts` exports the result by the name `project`.
 * @throws TrainyardError TY1006 for a name that cannot stand in a task queue, TY1101 for a pool named `pipelines`.
 * @example
 * export const project = defineProject({ name: 'churn', pools: { cpu: {}, gpu: { device: 'cuda' } } });
 * declare module 'trainyard' { interface Register { project: typeof project } }
 */
export function defineProject<const Options extends ProjectOptions>(options: Options): Project<Options> {
  assertName('project', options.name);
  for (const pool of Object.keys(options.pools)) {
    assertName('pool', pool);
    if (pool === pipelinesPool)
      throw new TrainyardError('TY1101', `project ${options.name} declares a pool named "${pool}"`);
  }
  return {
    ...options,
    store: options.store ?? 'file:.trainyard/artifacts',
    namespace: options.namespace ?? options.name,
    modules: {
      contracts: './contracts.js',
      activities: './activities.js',
      workflows: './workflows.js',
      ...options.modules,
    },
  };
}

/** A secret whose value stands in an environment variable of the worker. */
export function fromEnv(name?: string): SecretSource {
  return name === undefined ? { from: 'env' } : { from: 'env', name };
}

/** Augment it with `project` and pools, secrets and environments are checked by the compiler. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- users merge into it
export interface Register {}

type Registered = Register extends { project: infer P extends ProjectOptions } ? P : ProjectOptions;

/** What the registered project declares under a key: a project that leaves it out has none. */
type Declared<Key extends keyof ProjectOptions> = Registered extends { readonly [K in Key]?: infer Value }
  ? NonNullable<Value>
  : unknown;

/** Names as strings: `keyof` of an open record is wider. */
type NameOf<Names> = Extract<keyof Names, string>;

/** Names of the registered project's pools; any string where no project is registered. */
export type PoolName = NameOf<Registered['pools']>;

/** Names of the registered project's secrets. */
export type SecretName = NameOf<Declared<'secrets'>>;

/** Names of the registered project's environments. */
export type EnvironmentName = NameOf<Declared<'environments'>>;

/** Those pools of the registered project that have a device: their stages run in child processes only. */
export type DevicePool = {
  [Name in PoolName]: Registered['pools'][Name] extends { device: string } ? Name : never;
}[PoolName];
