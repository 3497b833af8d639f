/** The stage `deploy`: publishes a deployment, waits for a server that serves it, compares it with the trainer. @module */
import { setTimeout as delay } from 'node:timers/promises';
import type { StageImplementation } from '../src/activity/implement-stage.js';
import { readJson } from '../src/artifacts/json.js';
import { sha256 as digestOf } from '../src/artifacts/digest.js';
import type { ArtifactStore } from '../src/artifacts/store.js';
import { AttemptStop } from '../src/context/attempt-stop.js';
import type { StageContext } from '../src/context/stage-context.js';
import { type EndpointChange, endpoints, revisionOf } from '../src/contracts/endpoints.js';
import { TrainyardError } from '../src/contracts/errors.js';
import { ModelManifest } from '../src/contracts/manifests.js';
import { ParitySamples } from '../src/contracts/parity.js';
import { mainRevision } from '../src/contracts/traffic.js';
import { deployerOf, latestEndpoint } from '../src/records/endpoints.js';
import { compareAnswers } from '../src/rollouts/compare-answers.js';
import { findServer } from '../src/rollouts/find-server.js';
import { askModel, type Form, type Row } from '../src/rollouts/inference-client.js';
import type { DeployContract, DeployInput, DeploymentResult } from '../src/stages/deploy.js';
import { implementFamily } from './implement-family.js';

/** How long to wait for a server that serves the new generation. */
const minuteMs = 60_000;
const pollMs = 200;

/** As much of a stage's context as deploying needs. */
export type DeployContext = Pick<
  StageContext<DeployInput>,
  'input' | 'artifacts' | 'entities' | 'run' | 'progress' | 'signal' | 'log'
>;

/**
 * Implements a contract of `deployStage`. A model that fails is withdrawn: the deployment before it holds again, or none.
 * @throws TrainyardError TY1704 when no server serves the model within a minute, TY1702 when one could not load it, TY1706
 * when its answers differ from the trainer's ({@link compareAnswers}), TY1708 when the deployment of another model overtook it.
 * @example export const deploy = deployModel(contracts.deploy);
 */
export function deployModel<Contract extends DeployContract>(contract: Contract): StageImplementation<Contract> {
  return implementFamily<DeployContract, Contract>(contract, (context) => deploy(context));
}

/** One attempt of the stage, which waits at most `patienceMs` for a server. */
export async function deploy(context: DeployContext, patienceMs = minuteMs): Promise<DeploymentResult> {
  const { input, artifacts, run } = context;
  const { store } = artifacts;
  const samples = await readJson(store, input.parity, ParitySamples);
  if (samples.model !== input.model.sha256)
    throw new TrainyardError(
      'TY1707',
      `the parity samples were made by model ${samples.model}, not ${input.model.sha256}`,
    );
  const { inputs } = await readJson(store, input.model, ModelManifest);
  const { uri, sha256, sizeBytes } = input.model;
  const model = { uri, sha256, sizeBytes };
  const deployed = await change(context, 'deploys', {
    kind: 'deploy',
    model,
    traffic: 'all',
    deployer: deployerOf(run),
  });
  try {
    const { endpoint, generation } = await servedBy(context, deployed, patienceMs);
    const ask = (form: Form, rows: readonly Row[]) =>
      askModel(`${endpoint}/versions/${generation}`, rows, inputs, { form, signal: context.signal });
    const parity = await compareAnswers(samples, ask);
    const [row = {}] = samples.rows;
    const answer = await ask('json', [row]);
    const output = Object.fromEntries(Object.entries(answer).map(([name, [value]]) => [name, value ?? null]));
    return { endpoint, generation, smoke: { input: row, output }, parity };
  } catch (error) {
    if (!goesOnElsewhere(context.signal)) await withdraw(context, deployed);
    throw error;
  }
}

/** Asks for a change of the endpoint: each attempt once. */
async function change(
  { entities, input, run }: DeployContext,
  verb: 'deploys' | 'withdraws',
  wish: EndpointChange,
): Promise<number> {
  const { revision } = await entities.change(endpoints, input.endpoint, wish, {
    id: digestOf(`${run.call}/${run.token}/${verb}`),
    by: `run ${run.workflowId}`.slice(0, 200),
    reason: `stage ${run.stage} ${verb} a model`,
  });
  if (revision === null) throw new Error('a deployment has a revision'); // by the rules
  return revision;
}

/** The model before it is the endpoint's again, or none where there was none. */
async function withdraw(context: DeployContext, revision: number): Promise<void> {
  try {
    await change(context, 'withdraws', { kind: 'withdraw', revision });
  } catch (error) {
    // Somebody else took it away.
    if (!(error instanceof TrainyardError && error.code === 'TY2301')) throw error;
  }
}

/** Whether another attempt may compare this very deployment: after all stops but the one that was asked for. */
function goesOnElsewhere({ aborted, reason }: AbortSignal): boolean {
  return aborted && !(reason instanceof AttemptStop && reason.reason === 'cancelled');
}

/** Where a live server serves the model, and as which generation. */
interface Served {
  readonly endpoint: string;
  readonly generation: number;
}

/** Waits for a server that serves the deployment. */
async function servedBy(context: DeployContext, revision: number, patienceMs: number): Promise<Served> {
  const { artifacts, input, signal, log } = context;
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    const served = await serverOf(artifacts.store, input, revision);
    if (served !== undefined) return served;
    const waitedMs = patienceMs - (deadline - performance.now());
    context.progress(Math.round(waitedMs / 1000), patienceMs / 1000, 's for a model server');
    await delay(pollMs, undefined, { signal });
  }
  log.warn({ store: artifacts.store.uri, revision }, 'no server took the deployment');
  throw new TrainyardError('TY1704', `no model server follows this store (${artifacts.store.uri})`);
}

async function serverOf(
  store: ArtifactStore,
  { endpoint, model }: DeployInput,
  revision: number,
): Promise<Served | undefined> {
  const newest = await latestEndpoint({ store }, endpoint);
  const main = newest?.state.traffic ? mainRevision(newest.state.traffic) : undefined;
  // Two runs may deploy one model at once: what the later one deployed is this model too.
  if (newest === undefined || main === undefined || revisionOf(newest.state, main).model.sha256 !== model.sha256)
    throw new TrainyardError(
      'TY1708',
      `revision ${revision} of ${endpoint} was overtaken by generation ${newest?.generation ?? 0}`,
    );
  const { generation } = newest;
  const address = await findServer(store, { endpoint, revision: main, model: model.sha256, generation });
  return address === undefined ? undefined : { endpoint: address, generation: main };
}
