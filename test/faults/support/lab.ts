/** A project in a folder of its own with its engine, a client, and workers that trials may break. @module */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { openStore } from '../../../src/artifacts/open-store.js';
import type { ArtifactStore } from '../../../src/artifacts/store.js';
import { connect } from '../../../src/client/connect.js';
import { PipelineClient } from '../../../src/client/pipeline-client.js';
import type { Run } from '../../../src/client/run.js';
import { loadProject } from '../../../src/config/load-project.js';
import type { PipelineContract, PipelineInput, PipelineOutput } from '../../../src/contracts/define-pipeline.js';
import { payloadGuard } from '../../../src/converter/payload-guard.js';
import type { EnginePart } from '../../support/postgres-engine.js';
import { makeProjectFolder, type ProjectFolder } from '../../support/project.js';
import { type LabEngine, startEmbedded, type StartLabEngine } from './lab-engine.js';
import { startWorker, type WorkerProcess, type WorkerSettings } from './worker-process.js';

/** The pool of the workflows themselves. */
const pipelinesPool = 'pipelines';

/** See {@link openLab}. */
export class Lab {
  /** Workers that a trial asked for by their pool alone: one each, started again when it is gone. */
  readonly #usual = new Map<string, Promise<WorkerProcess>>();
  readonly #all: WorkerProcess[] = [];
  readonly #unbroken = new Map<string, Promise<unknown>>();

  constructor(
    readonly place: ProjectFolder,
    readonly store: ArtifactStore,
    readonly client: Client,
    readonly pipelines: PipelineClient,
    private readonly env: Readonly<Record<string, string>>,
    private readonly engine: LabEngine,
    private readonly disconnect: () => Promise<void>,
  ) {}

  get folder(): string {
    return this.place.folder;
  }

  /** `127.0.0.1:port`, the same after each {@link startEngine}. */
  get address(): string {
    return this.engine.connected.address;
  }

  /** Where workers put what the system calls temporary. */
  get temporary(): string {
    return join(this.folder, 'tmp');
  }

  /** Attempts have their folders below it. */
  get scratch(): string {
    return join(this.folder, '.trainyard', 'scratch');
  }

  /** Starts a run; sees that somebody serves its pool and the pipelines. */
  async start<Contract extends PipelineContract>(
    contract: Contract,
    input: PipelineInput<Contract> & { readonly pool?: string },
  ): Promise<Run<PipelineOutput<Contract>>> {
    await Promise.all([this.worker(pipelinesPool), this.worker(input.pool ?? 'cpu')]);
    return this.pipelines.start(contract, { input });
  }

  /** What a run that nothing breaks results in; computed once for each input. */
  unbroken<Contract extends PipelineContract>(
    contract: Contract,
    input: PipelineInput<Contract>,
  ): Promise<PipelineOutput<Contract>> {
    const key = `${contract.name} ${JSON.stringify(input)}`;
    const known = this.#unbroken.get(key) ?? this.start(contract, input).then((run) => run.result());
    this.#unbroken.set(key, known);
    return known as Promise<PipelineOutput<Contract>>; // the key names the contract
  }

  /** The pool's usual worker; another one is started where it was killed. */
  async worker(pool: string): Promise<WorkerProcess> {
    const known = this.#usual.get(pool);
    if (known !== undefined) {
      const worker = await known;
      if (worker.lives()) return worker;
      if (this.#usual.get(pool) !== known) return this.worker(pool); // somebody was faster
    }
    const started = this.unusualWorker(pool);
    this.#usual.set(pool, started);
    return started;
  }

  /** Starts a worker beside the usual one. */
  async unusualWorker(pool: string, settings?: WorkerSettings): Promise<WorkerProcess> {
    const worker = await startWorker(
      {
        pool,
        folder: this.folder,
        logFile: join(this.folder, '.trainyard', 'logs', `${pool}.log`),
        env: { ...this.env, ...this.engine.env, TRAINYARD_PROJECT: this.folder, TMPDIR: this.temporary },
      },
      settings,
    );
    this.#all.push(worker);
    return worker;
  }

  get livingWorkers(): WorkerProcess[] {
    return this.#all.filter((worker) => worker.lives());
  }

  /** Kills the engine with -9, or only parts of one that has several. */
  killEngine(parts?: readonly EnginePart[]): Promise<void> {
    return this.engine.kill(parts);
  }

  enginePids(): Promise<readonly number[]> {
    return this.engine.pids();
  }

  /** Starts it again, on its database and at its address. */
  startEngine(): Promise<void> {
    return this.engine.start();
  }

  /** Ends everything; `keep` leaves the folder for whoever wants to look. */
  async close({ keep, failed }: { readonly keep: boolean; readonly failed: boolean }): Promise<void> {
    // The client still waits for the result of a trial that failed, and would throw out of a timer of its own.
    if (!failed) await this.disconnect();
    await Promise.all(this.livingWorkers.map((worker) => worker.kill()));
    await this.engine.close();
    if (!keep) await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** The last lines that workers have said. */
  async lastWords(): Promise<string> {
    const logs = join(this.folder, '.trainyard', 'logs');
    const tails = (await readdir(logs)).map(async (name) => {
      const lines = (await readFile(join(logs, name), 'utf8')).trimEnd().split('\n');
      return `${name}:\n${lines.slice(-8).join('\n')}`;
    });
    return (await Promise.all(tails)).join('\n');
  }
}

/** What is unusual about a lab. */
export interface LabSettings {
  /** Called before anything is in the folder. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** The store of the workers, and where this process finds the same one. @default a folder of the project */
  readonly stores?: { readonly workers: string; readonly ours: string };
  /** @default a file database */
  readonly startEngine?: StartLabEngine;
}

/** Makes the folder and starts the engine; workers start when they are first asked for. */
export async function openLab({ prepare, stores, startEngine = startEmbedded }: LabSettings = {}): Promise<Lab> {
  const config = new URL('../project/trainyard.config.js', import.meta.url).href;
  const place = makeProjectFolder(config);
  const { folder } = place;
  // A worker of another version loads that version's copy of the project.
  const loads = `await import(process.env.TRAINYARD_FAULTS_CONFIG ?? ${JSON.stringify(config)})`;
  await writeFile(join(folder, 'trainyard.config.js'), `export const { project } = ${loads};\n`);
  for (const name of ['tmp', join('.trainyard', 'logs')]) await mkdir(join(folder, name), { recursive: true });
  await prepare?.(folder);
  const project = await loadProject({ folder });
  const engine = await startEngine({ projectFolder: folder, namespace: project.namespace });
  const store = await openStore(stores?.ours ?? project.store, { baseFolder: folder });
  const client = await connect({
    ...engine.connected.connection,
    namespace: engine.connected.namespace,
    payloadCodecs: [payloadGuard({ onLarge: 'fail' })],
  });
  const pipelines = new PipelineClient({ client, project: project.project.name, store });
  const env: Record<string, string> = stores ? { TRAINYARD_FAULTS_STORE: stores.workers } : {};
  return new Lab(place, store, client, pipelines, env, engine, () => client.connection.close());
}
