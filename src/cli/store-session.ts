/** A store, and what Temporal knows of the runs that need what is in it. @module */
import type { Command } from 'commander';
import { openStore } from '../artifacts/open-store.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { loadProject } from '../config/load-project.js';
import { workflowIdOf } from '../contracts/names.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { type KnownRuns, knownRuns } from '../housekeeping/known-runs.js';
import type { LiveOptions, Need } from '../housekeeping/live-refs.js';
import type { HeadSource } from '../records/entity-heads.js';
import { trustedKeys } from '../records/signing.js';
import { type ProjectFlags, withClient, withEngine, withProjectFlags } from './session.js';

/** Options of every command that looks for what needs an artifact. */
export interface StoreFlags extends ProjectFlags {
  readonly offline?: boolean;
  readonly run?: string;
  readonly json?: boolean;
}

/** Adds {@link StoreFlags}, `--run` aside. */
export function withStoreFlags(command: Command): Command {
  return withProjectFlags(command)
    .option('--offline', 'do not ask Temporal: only heads and the records of runs are looked at')
    .option('--json', 'JSON on stdout');
}

/** What a command on a store works with. */
export interface StoreSession {
  readonly store: ArtifactStore;
  /** Undefined when it is not to be asked. */
  readonly temporal: KnownRuns | undefined;
  /** All that is live; or that of one run. */
  readonly live: LiveOptions;
}

/** Opens the project's store without its engine. */
export async function openProjectStore(flags: ProjectFlags): Promise<ArtifactStore> {
  const { store, folder } = await loadProject({ folder: flags.project, environment: flags.env });
  return openStore(store, { baseFolder: folder });
}

/** The project's store with the keys that its readers trust, without its engine. */
export async function openHeads(flags: ProjectFlags): Promise<Required<HeadSource> & { readonly project: string }> {
  const { project, store, folder } = await loadProject({ folder: flags.project, environment: flags.env });
  const opened = await openStore(store, { baseFolder: folder });
  return { project: project.name, store: opened, trusted: trustedKeys(folder) };
}

/** Opens the store, asks Temporal unless told not to, and runs `work`. Throws TY1923 when Temporal does not answer. */
export async function withStore(flags: StoreFlags, work: (session: StoreSession) => Promise<void>): Promise<void> {
  const project = await loadProject({ folder: flags.project, environment: flags.env });
  const run = flags.run === undefined ? undefined : workflowIdOf(project.project.name, flags.run);
  const session = (store: ArtifactStore, temporal: KnownRuns | undefined): StoreSession => ({
    store,
    temporal,
    live: { store, temporal, keeps: () => true, ...(run !== undefined && { run }) },
  });
  if (flags.offline) {
    await work(session(await openStore(project.store, { baseFolder: project.folder }), undefined));
    return;
  }
  const asked = { done: false };
  try {
    await withEngine(project, (engine) =>
      withClient(project, engine, async ({ client, store }) => {
        const temporal = await knownRuns(client);
        asked.done = true;
        await work(session(store, temporal));
      }),
    );
  } catch (error) {
    if (asked.done) throw error;
    const what = `it cannot be known what runs need: ${error instanceof TrainyardError ? error.what : messageOf(error)}`;
    throw new TrainyardError('TY1923', what, { cause: error });
  }
}

/** `run small/a, stage train (event 12)`. */
export function needWords({ head, run, stage, by }: Need): string {
  if (head !== undefined) return `head ${head} (${by})`;
  if (run === undefined && stage === undefined) return `record ${by}`;
  return `run ${run ?? '?'}${stage === undefined ? '' : `, stage ${stage}`} (${by})`;
}

/** A line on stdout. */
export function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Rewrites one line on stderr, if that is a terminal; ends it when given nothing. */
export function progressLine(words?: string): void {
  if (process.stderr.isTTY) process.stderr.write(words === undefined ? '\r\u001b[K' : `\r\u001b[K${words}`);
}
