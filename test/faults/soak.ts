/**
 * Runs without an end and faults without a plan, for as long as you like: does memory grow, do descriptors leak, is a run lost?
 *
 *     npm run soak -- --minutes 30 --seed S [--out DIR]
 *
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { messageOf } from '../../src/contracts/errors.js';
import { completesAs } from './support/expect.js';
import { type Lab, openLab } from './support/lab.js';
import { loads } from './support/load.js';
import { plot, slopeOf } from './support/plot.js';
import { descendantsOf, send } from './support/process-table.js';
import { type Random, randomOf } from './support/random.js';
import { descriptorsOf, memoryOf, sizeOf } from './support/vital-signs.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    out: { type: 'string', default: '.trainyard/soak' },
  },
});
const Flags = z.object({ minutes: z.coerce.number().positive(), seed: z.coerce.number().int(), out: z.string() });
const { minutes, seed, out } = Flags.parse(values);

/** Its worker is killed now and then; those of `cpu` and of the pipelines live from the first minute to the last. */
const mortal = 'own0';
const runsAtOnce = 3;
const sampleMs = 10_000;
/** Caches fill and compilers warm up: what comes before this share of the time does not count as growth. */
const warmUp = 0.25;

interface Sample {
  readonly minute: number;
  readonly pipelinesMb: number;
  readonly poolMb: number;
  readonly engineMb: number;
  readonly pipelinesFiles: number;
  readonly poolFiles: number;
  readonly storeMb: number;
}

const tally = { runs: 0, survived: 0, trainers: 0, workers: 0, engines: 0 };
const samples: Sample[] = [];
const startedAt = performance.now();
const minutesNow = () => (performance.now() - startedAt) / 60_000;
const goesOn = () => minutesNow() < minutes;

console.error(`seed ${seed}, ${minutes} minutes`);
const lab = await openLab();
for (const pool of ['pipelines', 'cpu', mortal]) await lab.worker(pool);
await Promise.all([
  ...Array.from({ length: runsAtOnce }, (_, lane) => runOneAfterTheOther(lab, randomOf(seed, 1, lane))),
  breakThings(lab, randomOf(seed, 2, 0)),
  takeSamples(lab),
]);
await report();
await lab.close({ keep: false, failed: false });
process.exit(tally.survived === tally.runs ? 0 : 1);

async function runOneAfterTheOther(where: Lab, random: Random): Promise<void> {
  const expected = await Promise.all(loads.map(({ contract, input }) => where.unbroken(contract, input)));
  while (goesOn()) {
    const index = random.whole(0, loads.length - 1);
    const { contract, input, stepMs } = index === 0 ? loads[0] : loads[1];
    const pool = random.next() < 0.5 ? 'cpu' : mortal;
    tally.runs += 1;
    try {
      const run = await where.start(contract, { ...input, pool, heartbeatSeconds: 3, stepMs: stepMs * 2 });
      await completesAs<unknown>(where, run, expected[index]);
      tally.survived += 1;
    } catch (error) {
      console.error(messageOf(error));
    }
  }
}

async function breakThings(where: Lab, random: Random): Promise<void> {
  while (goesOn()) {
    await setTimeout(random.whole(2_000, 8_000));
    const dice = random.next();
    if (dice < 0.75) {
      const worker = await where.worker(random.pick(['cpu', mortal]));
      const trainers = descendantsOf(worker.pid);
      if (trainers.length > 0 && send(random.pick(trainers), 'SIGKILL')) tally.trainers += 1;
    } else if (dice < 0.97) {
      await (await where.worker(mortal)).kill();
      tally.workers += 1;
      await where.worker(mortal);
    } else {
      await where.killEngine();
      tally.engines += 1;
      await where.startEngine();
    }
  }
}

async function takeSamples(where: Lab): Promise<void> {
  while (goesOn()) {
    await setTimeout(sampleMs);
    const [pipelines, pool] = [await where.worker('pipelines'), await where.worker('cpu')];
    const [engine] = await where.enginePids();
    samples.push({
      minute: minutesNow(),
      pipelinesMb: memoryOf(pipelines.pid),
      poolMb: memoryOf(pool.pid),
      engineMb: memoryOf(engine),
      pipelinesFiles: descriptorsOf(pipelines.pid),
      poolFiles: descriptorsOf(pool.pid),
      storeMb: await sizeOf(join(where.folder, '.trainyard', 'artifacts')),
    });
  }
}

async function report(): Promise<void> {
  await mkdir(out, { recursive: true });
  const names = Object.keys(samples[0] ?? {}) as (keyof Sample)[]; // every sample has these
  const rows = samples.map((sample) => names.map((name) => sample[name].toFixed(2)).join(','));
  await writeFile(join(out, 'soak.csv'), `${names.join(',')}\n${rows.join('\n')}\n`);
  const line = (name: string, field: keyof Sample) => ({ name, values: samples.map((sample) => sample[field]) });
  const svg = plot(
    samples.map(({ minute }) => minute),
    [
      {
        title: 'Resident memory, MB',
        lines: [
          line('worker of a pool', 'poolMb'),
          line('pipelines worker', 'pipelinesMb'),
          line('engine', 'engineMb'),
        ],
      },
      {
        title: 'Open descriptors',
        lines: [line('worker of a pool', 'poolFiles'), line('pipelines worker', 'pipelinesFiles')],
      },
      { title: 'Artifact store, MB', lines: [line('all files', 'storeMb')] },
    ],
  );
  await writeFile(join(out, 'soak.svg'), svg);
  const counted = samples.filter(({ minute }) => minute >= minutes * warmUp);
  const hours = counted.map(({ minute }) => minute / 60);
  const growth = (field: keyof Sample) =>
    slopeOf(
      hours,
      counted.map((sample) => sample[field]),
    );
  console.log(
    [
      `${tally.survived} of ${tally.runs} runs completed with the result of an unbroken one, in ${minutes} minutes (seed ${seed})`,
      `killed: ${tally.trainers} trainers, ${tally.workers} workers, ${tally.engines} engines`,
      ...(['poolMb', 'pipelinesMb', 'engineMb'] as const).map(
        (field) =>
          `${field}: ${growth(field).toFixed(1)} MB an hour after the first quarter, ${(counted.at(-1)?.[field] ?? 0).toFixed(0)} at the end`,
      ),
      ...(['poolFiles', 'pipelinesFiles'] as const).map((field) => `${field}: ${growth(field).toFixed(1)} an hour`),
      `soak.csv and soak.svg are in ${out}`,
    ].join('\n'),
  );
}
