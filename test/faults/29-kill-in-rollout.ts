/** Fault 29: kill -9 of the pipelines worker, the engine and one of two model servers while a revision is rolled out: the same verdict, once, and nobody notices. @module */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Endpoints } from '../../src/client/endpoints.js';
import { Rollouts } from '../../src/client/rollouts.js';
import { singleTraffic } from '../../src/contracts/traffic.js';
import { modelOf, tabularInputs } from '../server/models.js';
import { project } from './project/trainyard.config.js';
import type { Fault } from './support/fault.js';
import type { Lab } from './support/lab.js';
import { within } from './support/within.js';

const mostKills = 4;
const patienceSeconds = 240;
const who = { by: 'ana', reason: 'a trial' };
const hold = { seconds: 2, requests: 40 };
const steps = [
  { mode: 'shadow' as const, hold },
  { mode: 'canary' as const, share: 0.5, hold },
];
/** The fixtures answer differently: only errors are to count. */
const limits = { driftPsi: 1e9, latencySuperiority: 0.99 };
const body = JSON.stringify({ inputs: tabularInputs() });

export const killInRollout: Fault = {
  number: 29,
  name: 'kill -9 of engine, worker and a model server in a rollout',
  trials: 20,
  quick: 1,
  try: async ({ lab: open, random, folder, index }) => {
    const lab = await open();
    await lab.worker('pipelines');
    const { store, client } = lab;
    const host = { client, project: project.name, store };
    const [endpoints, rollouts] = [new Endpoints(host), new Rollouts(host)];
    const name = `rolled-${index}-${random.whole(0, 1e6)}`;
    await endpoints.deploy(name, { model: await modelOf(store, 'tabular-1') }, who);
    const servers = [await startServer(lab, folder, name), await startServer(lab, folder, name)] as const;
    const load = startLoad(servers[0].address, name);
    try {
      const isGood = random.next() < 0.5;
      const model = await modelOf(store, isGood ? 'tabular-2' : 'slow');
      const id = await rollouts.start(name, { model, steps, limits, lookEvery: 0.5, ...who });
      const ended = async () => (await rollouts.ended(name)).find(({ plan }) => plan.id === id);
      const killed = { server: servers[1] };
      for (let kills = 0; kills < mostKills && !(await ended()); kills++) {
        await delay(random.whole(100, 2_500));
        const victim = random.pick(['worker', 'engine', 'server', 'all'] as const);
        await Promise.all([
          victim === 'worker' || victim === 'all' ? lab.worker('pipelines').then((worker) => worker.kill()) : undefined,
          victim === 'engine' || victim === 'all' ? lab.killEngine() : undefined,
          victim === 'server' || victim === 'all' ? killed.server.kill() : undefined,
        ]);
        if (victim === 'engine' || victim === 'all') await lab.startEngine();
        await lab.worker('pipelines');
        if (victim === 'server' || victim === 'all') killed.server = await startServer(lab, folder, name);
      }
      const end = await within(patienceSeconds, `the end of the rollout ${id}`, ended);
      assert.equal(end.outcome, isGood ? 'promoted' : 'rolledBack', end.because);
      const answering = isGood ? end.revision : 1;
      assert.deepEqual((await endpoints.get(name)).state.traffic, singleTraffic(answering ?? 0));
      await within(10, `revision ${answering} everywhere`, async () => {
        const seen = await Promise.all([servers[0], killed.server].map(({ address }) => ask(address, name)));
        return seen.every(({ revision }) => revision === String(answering)) || undefined;
      });
      await killed.server.kill();
      // Each change once, and every look.
      const changes: string[] = [];
      for await (const { request } of endpoints.history(name)) changes.push(request.id);
      assert.equal(new Set(changes).size, changes.length);
      assert.equal(changes.length, 5, `${changes.length} changes`);
      const looks = (await rollouts.looks(name, id)).map(({ look }) => look);
      assert.deepEqual(
        looks,
        [...looks.keys()].map((at) => at + 1),
      );
      assert.equal(await load.stop(), 0, 'failed requests at the server that was left alone');
    } finally {
      await load.stop();
      await servers[0].kill();
    }
  },
};

interface Server {
  readonly address: string;
  readonly kill: () => Promise<void>;
}

const script = fileURLToPath(new URL('../server/log-process.js', import.meta.url));

async function startServer({ store }: Lab, folder: string, endpoint: string): Promise<Server> {
  const args = [script, fileURLToPath(store.uri), folder];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout!);
  const [address] = (await once(lines, 'line')) as [string];
  await within(30, `a server of ${endpoint}`, async () => (await ask(address, endpoint)).ok || undefined);
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return { address, kill };
}

async function ask(address: string, endpoint: string) {
  const response = await fetch(`${address}/v2/models/${endpoint}/infer`, { method: 'POST', body });
  await response.arrayBuffer();
  return { ok: response.ok, revision: response.headers.get('x-trainyard-revision') };
}

/** Asks without a pause; `stop` gives how many requests failed. */
function startLoad(address: string, endpoint: string) {
  const load = { stopped: false, failed: 0 };
  const asking = (async () => {
    while (!load.stopped) {
      const { ok } = await ask(address, endpoint).catch(() => ({ ok: false }));
      if (!ok) load.failed++;
      await delay(5);
    }
  })();
  const stop = async () => {
    load.stopped = true;
    await asking;
    return load.failed;
  };
  return { stop };
}
