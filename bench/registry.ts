/** The registry: a change against a bare Update, `asof` over thousands of changes, and crowds of clients. @module */
import { ModelReader } from '../src/client/model-reader.js';
import { ModelRegistry } from '../src/client/model-registry.js';
import { trustedKeys } from '../src/records/signing.js';
import { besideBareWorkers } from './bare.js';
import { inPairs, type Measurement, median, timed } from './measurement.js';
import { registryTrial } from './registry-trial.js';
import { type BenchStack, withStack } from './stack.js';

const project = 'bench';
const why = { by: 'bench', reason: 'a bench' };
const versions = 5_000;
const samples = 101;
/** Two continue-as-new: an entity goes on in a new run after 1,500. */
const crowd = 3_200;

/** 3 Updates' time is the bar of a change, 100 ms that of asof, 1,000 changes a minute that of the crowds. */
export function benchRegistry(): Promise<Measurement[]> {
  return withStack(['pipelines'], (stack) => besideBareWorkers(stack.engine, () => measure(stack)));
}

async function measure(stack: BenchStack): Promise<Measurement[]> {
  const { client, store } = stack;
  // The worker's key is this machine's, too.
  const reader = new ModelReader({ store, trusted: trustedKeys(stack.projectFolder) });
  const registry = new ModelRegistry({ client, project, store });
  const model = await store.put(Buffer.from('a model'));
  await registry.register('small', [{ model }, { model }], why);

  const answering = await client.workflow.start('answering', { taskQueue: 'bare/workflows', workflowId: 'answering' });
  let turn = 0;
  const ours = () => timed(() => registry.setAlias('small', 'champion', 1 + (turn++ % 2), why));
  const peer = () => timed(() => answering.executeUpdate('ask', { args: [{ ...why, version: turn }] }));
  for (let warm = 0; warm < 50; warm++) await ours().then(peer);
  const change = await inPairs(samples, ours, peer);
  await answering.signal('end');

  const registering = await timed(async () => {
    for (let at = 0; at < versions; at += 50)
      await registry.register(
        'crowd',
        Array.from({ length: 50 }, (_, next) => ({ model, metrics: { at: at + next } })),
        why,
      );
  });
  const results: Measurement[] = [
    { name: 'registry change, p50', value: change.ours, unit: 'ms', peer: change.peer, ratio: change.ratio },
    { name: `${versions} versions, 50 a change`, value: registering / 1_000, unit: 's' },
  ];
  for (const [processes, clients] of [
    [8, 8],
    [8, 64],
  ] as const) {
    const trial = { project, model: 'crowd', versions, processes, clients, changes: crowd };
    const { changesPerMinute, latenciesMs, runs, lost, twice } = await registryTrial(stack, reader, trial);
    results.push(
      { name: `changes from ${clients} clients in ${processes} processes`, value: changesPerMinute, unit: '/min' },
      { name: 'of them, p50', value: median(latenciesMs), unit: 'ms' },
      { name: 'runs of the entity so far', value: runs, unit: '' },
      { name: 'lost, made twice', value: lost + twice, unit: '' },
    );
  }
  const times: string[] = [];
  for await (const { at } of reader.history('crowd', { from: 150 })) times.push(at);
  const asOf = [];
  for (let at = 0; at < 51; at++) {
    const time = times[Math.floor((at / 51) * times.length)] ?? '';
    asOf.push(await timed(() => reader.asOf('crowd', 'champion', time)));
  }
  const worst = Math.max(...asOf);
  return [
    ...results,
    { name: `asof among ${times.length} changes, p50`, value: median(asOf), unit: 'ms' },
    { name: 'asof, slowest of 51', value: worst, unit: 'ms' },
  ];
}
