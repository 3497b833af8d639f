/** The stage `deploy`: publishes a deployment, waits for a server that serves it, compares it with the trainer. @module */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { StageImplementation } from '../src/activity/implement-stage.js';
import { readJson } from '../src/artifacts/json.js';
import type { ArtifactStore } from '../src/artifacts/store.js';
import { AttemptStop } from '../src/context/attempt-stop.js';
import type { StageContext } from '../src/context/stage-context.js';
import { TrainyardError } from '../src/contracts/errors.js';
import { ModelManifest } from '../src/contracts/manifests.js';
import { ParitySamples } from '../src/contracts/parity.js';
import {
  type Deployment,
  latestDeployment,
  publishDeployment,
  serversOf,
  withdrawDeployment,
} from '../src/records/deployments.js';
import type { Head } from '../src/records/heads.js';
import type { DeployContract, DeployInput, DeploymentResult } from '../src/stages/deploy.js';
import { implementFamily } from './implement-family.js';
import { compareAnswers } from './compare-answers.js';
import { askModel, type Form, type Row } from './inference-client.js';

/** How long to wait for a server that serves the new generation. */
const minuteMs = 60_000;
const pollMs = 200;

/** What a server says of a model; the digest tells it from a stranger at an old address. */
const ModelMetadata = z.object({ versions: z.array(z.string()), parameters: z.object({ model_sha256: z.string() }) });

/** As much of a stage's context as deploying needs. */
export type DeployContext = Pick<
  StageContext<DeployInput>,
  'input' | 'artifacts' | 'run' | 'progress' | 'signal' | 'log'
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
  const head = await publishDeployment(store, input.endpoint, {
    model: { uri, sha256, sizeBytes },
    attempt: { stageKey: run.call, token: run.token },
    publishedBy: { workflowId: run.workflowId, runId: run.runId },
  });
  try {
    const { endpoint, generation } = await servedBy(context, head, patienceMs);
    const ask = (form: Form, rows: readonly Row[]) =>
      askModel(`${endpoint}/versions/${generation}`, rows, inputs, { form, signal: context.signal });
    const parity = await compareAnswers(samples, ask);
    const [row = {}] = samples.rows;
    const answer = await ask('json', [row]);
    const output = Object.fromEntries(Object.entries(answer).map(([name, [value]]) => [name, value ?? null]));
    return { endpoint, generation, smoke: { input: row, output }, parity };
  } catch (error) {
    if (!goesOnElsewhere(context.signal)) await withdrawDeployment(store, input.endpoint, head);
    throw error;
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
async function servedBy(context: DeployContext, head: Head<Deployment>, patienceMs: number): Promise<Served> {
  const { artifacts, input, signal, log } = context;
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    const served = await findServer(artifacts.store, input.endpoint, head);
    if (served !== undefined) return served;
    const waitedMs = patienceMs - (deadline - performance.now());
    context.progress(Math.round(waitedMs / 1000), patienceMs / 1000, 's for a model server');
    await delay(pollMs, undefined, { signal });
  }
  log.warn({ store: artifacts.store.uri, generation: head.generation }, 'no server took the deployment');
  throw new TrainyardError('TY1704', `no model server follows this store (${artifacts.store.uri})`);
}

async function findServer(store: ArtifactStore, endpoint: string, head: Head<Deployment>): Promise<Served | undefined> {
  const newest = (await latestDeployment(store, endpoint)) ?? head;
  const { generation } = newest;
  // Two runs may deploy one model at once: what the later one published is this model too.
  if (newest.body.model?.sha256 !== head.body.model?.sha256)
    throw new TrainyardError('TY1708', `generation ${head.generation} of ${endpoint} was overtaken by ${generation}`);
  let failure: TrainyardError | undefined;
  for (const server of await serversOf(store, endpoint, generation)) {
    const address = `${server.address}/v2/models/${encodeURIComponent(endpoint)}`;
    if (server.state === 'failed')
      failure ??= new TrainyardError('TY1702', `the server at ${server.address}: ${server.reason}`);
    else if (await serves(address, newest)) return { endpoint: address, generation };
  }
  if (failure) throw failure;
  return undefined;
}

/** Whether a record still holds: the process behind it may be gone, and its port somebody else's. */
async function serves(address: string, head: Head<Deployment>): Promise<boolean> {
  try {
    const response = await fetch(`${address}/versions/${head.generation}`, { signal: AbortSignal.timeout(2_000) });
    const metadata = ModelMetadata.safeParse(await response.json());
    return metadata.success && metadata.data.parameters.model_sha256 === head.body.model?.sha256;
  } catch {
    return false; // nobody there, or nobody that speaks the protocol
  }
}
