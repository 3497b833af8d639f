/** A project: its pools, store, environments and secrets. @module */
import { type AlertSinkOptions, assertSinks } from './alert-sinks.js';
import { type Duration, toMilliseconds } from './duration.js';
import { TrainyardError } from './errors.js';
import { assertName, pipelinesPool } from './names.js';
import { assertOidc, assertWebhooks, type OidcOptions, type PersonOptions, type WebhookOptions } from './people.js';
import type { SecretSource } from './secrets.js';

/** A pool of workers: one task queue, `<project>/<pool>`. */
export interface PoolOptions {
  /** A pool with a device runs one attempt a device, in child processes only. */
  readonly device?: 'cuda';
  /** What an hour of one attempt costs, in whatever unit the project counts money. @default 0 */
  readonly costPerHour?: number;
  /** Attempts that a worker runs at once. @default one for each device; without a device, what processor and memory allow */
  readonly slots?: number;
  /**
   * A stage of a better priority that has waited so long takes the slot of the attempt of the worst one, which saves a
   * checkpoint and waits in turn. For pools whose slots are counted, by `device` or `slots`. @default never
   */
  readonly yieldAfter?: Duration;
}

/** What a tenant may use. */
export interface TenantOptions {
  /** Runs of the tenant that go on at a time; further ones wait for a place, a better priority first. */
  readonly maxRuns: number;
}

/** What the registry asks of changes to a model. */
export interface ModelPolicyOptions {
  /** By alias: which approval of a pipeline must have allowed its setting. Rolling back needs none. */
  readonly aliases: Readonly<Record<string, { readonly decision: string }>>;
}

/** Where a project runs when `--env` names it; what is absent is as in the project. */
export interface EnvironmentOptions {
  readonly namespace?: string;
  readonly store?: string;
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
  /** `file:` and a folder, relative to the project's own, or `s3://bucket/prefix` (docs/stores.md). @default 'file:.trainyard/artifacts' */
  readonly store?: string;
  /** Temporal namespace. @default the project's name */
  readonly namespace?: string;
  readonly environments?: Readonly<Record<string, EnvironmentOptions>>;
  readonly secrets?: Readonly<Record<string, SecretSource>>;
  /** By name; `*` holds for each tenant that is not named. @default runs are not counted */
  readonly tenants?: Readonly<Record<string, TenantOptions>>;
  /** By model; `*` holds for each that is not named. @default aliases are set without a decision */
  readonly models?: Readonly<Record<string, ModelPolicyOptions>>;
  /** Roles of people, by the name that a decision bears. */
  readonly people?: Readonly<Record<string, PersonOptions>>;
  /** Whose tokens say who somebody is. @default nobody's: names are claims */
  readonly identity?: OidcOptions;
  /** Where approvals' reminders and escalations go, by the name that policies use. */
  readonly webhooks?: Readonly<Record<string, WebhookOptions>>;
  /** Where alerts go (docs/monitoring.md). @default nowhere; they stand in the store */
  readonly alerts?: readonly AlertSinkOptions[];
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
 * @throws TrainyardError TY1006 for a name that cannot stand in a task queue, TY1101 for a pool named `pipelines`, TY1112 for
 * slots, waits and caps that cannot be, TY2209 for an issuer that cannot be trusted, TY2501 for an alert sink or a webhook that cannot be.
 * @example
 * export const project = defineProject({ name: 'churn', pools: { cpu: {}, gpu: { device: 'cuda' } } });
 * declare module 'trainyard' { interface Register { project: typeof project } }
 */
export function defineProject<const Options extends ProjectOptions>(options: Options): Project<Options> {
  assertName('project', options.name);
  for (const [name, pool] of Object.entries(options.pools)) assertPool(options.name, name, pool);
  for (const [tenant, { maxRuns }] of Object.entries(options.tenants ?? {})) {
    if (tenant !== everyOther) assertName('tenant', tenant);
    assertCount(`tenant ${tenant}: maxRuns`, maxRuns);
  }
  for (const name of Object.keys(options.models ?? {})) if (name !== everyOther) assertName('model', name);
  if (options.identity) assertOidc(options.identity);
  assertSinks(options.alerts ?? [], options.secrets ?? {});
  assertWebhooks(options.webhooks ?? {}, options.secrets ?? {});
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

/** The entry for those that have none of their own. */
const everyOther = '*';

/** How many runs of a tenant may go on at a time; undefined where they are not counted. */
export function maxRunsOf({ tenants = {} }: Pick<ProjectOptions, 'tenants'>, tenant: string): number | undefined {
  return (Object.hasOwn(tenants, tenant) ? tenants[tenant] : tenants[everyOther])?.maxRuns;
}

/** The approval that must have allowed an alias of a model to be set; undefined where none is asked for. */
export function decisionFor(
  { models = {} }: Pick<ProjectOptions, 'models'>,
  model: string,
  alias: string,
): string | undefined {
  const aliases = (Object.hasOwn(models, model) ? models[model] : models[everyOther])?.aliases ?? {};
  return Object.hasOwn(aliases, alias) ? aliases[alias]?.decision : undefined;
}

function assertPool(project: string, name: string, { device, slots, yieldAfter }: PoolOptions): void {
  assertName('pool', name);
  if (name === pipelinesPool) throw new TrainyardError('TY1101', `project ${project} declares a pool named "${name}"`);
  if (slots !== undefined) assertCount(`pool ${name}: slots`, slots);
  if (yieldAfter === undefined) return;
  toMilliseconds(yieldAfter);
  if (device === undefined && slots === undefined)
    throw new TrainyardError('TY1112', `pool ${name} yields, and has neither a device nor slots to be full`);
}

function assertCount(what: string, count: number): void {
  if (!Number.isInteger(count) || count < 1) throw new TrainyardError('TY1112', `${what} is ${count}`);
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
