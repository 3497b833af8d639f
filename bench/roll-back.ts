/**
 * How long a bad revision is met: two model servers of one endpoint under load, a rollout of a model that fails every request, its trials in a
 * row. Milliseconds from the verdict, and from the first failed request, to the last one on either server.
 * `node --enable-source-maps dist/bench/roll-back.js [trials] [s3]` prints a line for each trial, then a JSON summary.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Endpoints } from '../src/client/endpoints.js';
import { Rollouts } from '../src/client/rollouts.js';
import { installServer, versitygw } from '../tools/s3/install.js';
import { makeBucket, startVersitygw } from '../tools/s3/start.js';
import { ask, endpoint, modelOf, startServer } from './late-endpoint.js';
import { type BenchStack, withStack } from './stack.js';

const trials = Number(process.argv[2] ?? 10);
const clientsOfEach = 2;
const who = { by: 'bench', reason: 'a bench' };

if (process.argv[3] === 's3') {
  const s3 = await startVersitygw(await installServer(versitygw, (line) => process.stderr.write(`${line}\n`)));
  Object.assign(process.env, s3.env);
  try {
    await makeBucket(s3, 'bench');
    await withStack(['pipelines'], measure, [], `s3://bench/roll-back?endpoint=${s3.endpoint}`);
  } finally {
    await s3.stop();
  }
} else await withStack(['pipelines'], measure);

async function measure({ client, store }: BenchStack): Promise<void> {
  const endpoints = new Endpoints({ client, project: 'bench', store });
  const rollouts = new Rollouts({ client, project: 'bench', store });
  const [good, bad] = [await modelOf(store, 'tabular-1'), await modelOf(store, 'slow')];
  await endpoints.deploy(endpoint, { model: good }, who);
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-roll-back-'));
  const servers = await Promise.all([startServer(store.uri, folder), startServer(store.uri, folder)]);
  const load = startLoad(servers.map(({ address }) => address));
  const afterVerdict: number[] = [];
  const afterFirst: number[] = [];
  for (let trial = 1; trial <= trials; trial++) {
    load.begin();
    const hold = { seconds: 60, requests: 100_000 };
    const steps = [{ mode: 'canary' as const, share: 0.5, hold }];
    const id = await rollouts.start(endpoint, { model: bad, steps, ...who });
    const { outcome, because } = await rollouts.result(endpoint, id);
    const verdictMs = Date.parse((await rollouts.looks(endpoint, id)).at(-1)?.at ?? '');
    // As long as a server may be behind, and as much again.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    const { failed, firstMs, lastMs, servers: met } = load.end();
    if (outcome !== 'rolledBack' || met !== servers.length) throw new Error(`${outcome}, ${met} servers: ${because}`);
    afterVerdict.push(lastMs - verdictMs);
    afterFirst.push(lastMs - firstMs);
    console.log(
      `trial ${trial}: ${lastMs - verdictMs} ms after the verdict, ${lastMs - firstMs} ms after the first of ${failed}`,
    );
  }
  const { requests, unexpected } = await load.stop();
  await Promise.all(servers.map(({ stop }) => stop()));
  await rm(folder, { recursive: true });
  const figures = { afterVerdictMs: spreadOf(afterVerdict), afterFirstMs: spreadOf(afterFirst) };
  const kind = store.uri.split(':', 1)[0];
  console.log(JSON.stringify({ type: 'result', store: kind, trials, requests, unexpected, ...figures }));
}

/** Clients that ask without a pause; only the bad model fails a request. */
function startLoad(addresses: readonly string[]) {
  let [stopped, requests, unexpected, isTrial] = [false, 0, 0, false];
  const failures = new Map<string, number[]>();
  const clients = addresses.flatMap((address) =>
    Array.from({ length: clientsOfEach }, async () => {
      while (!stopped) {
        const { ok } = await ask(address);
        requests++;
        if (ok) continue;
        if (isTrial) failures.set(address, [...(failures.get(address) ?? []), Date.now()]);
        else unexpected++;
      }
    }),
  );
  return {
    begin: () => {
      failures.clear();
      isTrial = true;
    },
    end: () => {
      isTrial = false;
      const all = [...failures.values()].flat();
      return { failed: all.length, firstMs: Math.min(...all), lastMs: Math.max(...all), servers: failures.size };
    },
    stop: async () => {
      stopped = true;
      await Promise.all(clients);
      return { requests, unexpected };
    },
  };
}

function spreadOf(values: number[]) {
  const sorted = values.sort((a, b) => a - b);
  const of = (part: number) => sorted[Math.floor(part * (sorted.length - 1))];
  return { p50: of(0.5), max: of(1) };
}
