/**
 * Training two networks against PyTorch on the CPU: the same first weights, rows, order and threads. Both sides take turns,
 * because a shared machine is never as fast twice; the figure is the median of the turns' ratios.
 * The peer's venv is made by hand (see peers/pytorch_training.py): `TRAINYARD_BENCH_PYTHON=VENV/bin/python`.
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { encodeTensors, type Tensors } from '../src/training/tensor-file.js';
import { createTrainStep, type TrainStep } from '../src/training/train-step.js';
import { type Measurement, median } from './measurement.js';
import { flightsTask, mlpTask, type Task } from './training-tasks.js';

const rounds = 51;
/** Turns of each way to run PyTorch, before the fastest one is measured. */
const tries = 5;
/**
 * PyTorch eager and compiled; its threads, where there are two, wait awake for a while as they do by default, or asleep as ours:
 * the first is a third faster on an idle machine, the second 20 times on a busy one.
 */
const variants = ['eager', 'compiled'] as const;
const waits = { awake: {}, asleep: { OMP_WAIT_POLICY: 'PASSIVE' } } as const;
/**
 * How far the losses of the first steps, without dropout, may lie apart, as a share of the first one: further, and both sides
 * do not do the same work. Rounding alone grows to 4e-4 here, once a sum that is 0 but for rounding flips a ReLU.
 */
const tolerance = 1e-3;
const comparedSteps = 64;

/**
 * Samples a second of both sides with one and two threads: medians with the median ratio of a turn, the best turns, and,
 * for one thread, samples for each second of CPU time, which a busy machine changes least.
 */
export async function benchTraining(python: string): Promise<Measurement[]> {
  const results: Measurement[] = [];
  for (const task of [mlpTask(), flightsTask()])
    for (const threads of [1, 2]) results.push(...(await measure(task, python, threads)));
  return results;
}

async function measure(task: Task, python: string, threads: number): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-bench-training-'));
  const plain = await createTrainStep({ ...task.options(0), threads });
  const ours = await createTrainStep({ ...task.options(task.dropout), threads });
  try {
    await writeFile(join(folder, 'task.json'), JSON.stringify(task.peer));
    await writeFile(join(folder, 'data.safetensors'), encodeTensors(tensorsOf(task, plain)));
    const expected = await train(plain, task, comparedSteps);
    const peers = (threads === 1 ? (['asleep'] as const) : (['asleep', 'awake'] as const)).flatMap((wait) => {
      const peer = startPeer(python, folder, { threads, wait });
      return variants.map((variant) => ({ ...peer, variant, name: threads === 1 ? variant : `${variant}, ${wait}` }));
    });
    try {
      for (const { variant, train } of peers)
        compare(task, expected, await train({ variant, dropout: 0, steps: comparedSteps }));
      const peer = await fastest(peers, task);
      const turns: Turns[] = [];
      await train(ours, task, task.steps); // warms up
      while (turns.length < rounds)
        turns.push({ ours: await train(ours, task, task.steps), peer: await peer.train({ ...task, ...peer }) });
      const name = `training: ${task.name}, threads: ${threads}`;
      return summarise({ name, peer: peer.name, samples: task.steps * task.batchSize, threads }, turns);
    } finally {
      for (const peer of peers) await peer.stop();
    }
  } finally {
    await ours.release();
    await plain.release();
    await rm(folder, { recursive: true });
  }
}

/** The one with the best of a few turns; the first turn compiles and warms up. */
async function fastest<P extends Peer>(peers: readonly P[], task: Task): Promise<P> {
  const tried: { readonly peer: P; readonly seconds: number }[] = [];
  for (const peer of peers) {
    await peer.train({ ...task, ...peer });
    const turns: number[] = [];
    while (turns.length < tries) turns.push((await peer.train({ ...task, ...peer })).seconds);
    tried.push({ peer, seconds: Math.min(...turns) });
  }
  const [first] = tried.sort((a, b) => a.seconds - b.seconds);
  if (!first) throw new RangeError('there is no peer to choose');
  return first.peer;
}

type Turns = Readonly<Record<'ours' | 'peer', Turn>>;

interface Turn {
  readonly seconds: number;
  /** Of the whole process, all threads. */
  readonly cpuSeconds: number;
  readonly losses: readonly number[];
}

interface Measured {
  readonly name: string;
  readonly peer: string;
  /** In one turn. */
  readonly samples: number;
  readonly threads: number;
}

function summarise({ name, peer, samples, threads }: Measured, turns: readonly Turns[]): Measurement[] {
  const line = (what: string, time: 'seconds' | 'cpuSeconds', least: (values: readonly number[]) => number) => {
    const rate = (side: keyof Turns): number => samples / least(turns.map((turn) => turn[side][time]));
    const ratios = turns.map((turn) => turn.peer[time] / turn.ours[time]);
    return {
      name: `${name}, ${what}`,
      value: rate('ours'),
      unit: time === 'seconds' ? 'samples/s' : 'samples/CPU s',
      peer: `PyTorch (${peer}) ${rate('peer').toFixed(0)}`,
      ratio: least === median ? median(ratios) : rate('ours') / rate('peer'),
    };
  };
  const lines = [line('median', 'seconds', median), line('best', 'seconds', (values) => Math.min(...values))];
  return threads === 1 ? [...lines, line('CPU time', 'cpuSeconds', median)] : lines;
}

/** So many steps more, on the batches in their order and from the first again. */
async function train(training: TrainStep, { batches }: Task, steps: number): Promise<Turn> {
  const losses: number[] = [];
  const first = training.state().step;
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  for (let step = first; step < first + steps; step += training.stepsPerRun) {
    const together = Array.from(
      { length: training.stepsPerRun },
      (_, at) => batches[(step + at) % batches.length] ?? {},
    );
    for (const { loss } of await training.steps(together)) losses.push(loss);
  }
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6, losses };
}

function compare({ name }: Task, ours: Turn, peer: Turn): void {
  const [first = NaN] = peer.losses;
  ours.losses.forEach((loss, step) => {
    const other = peer.losses[step] ?? NaN;
    if (!(Math.abs(loss - other) <= tolerance * first))
      throw new Error(`${name}: at step ${step + 1} our loss is ${loss}, PyTorch's ${other}: not the same work`);
  });
}

/** What the peer reads: our first weights, and the columns of all batches one after another. */
function tensorsOf({ batches }: Task, training: TrainStep): Tensors {
  const columns = training.feeds.map(({ name }) => {
    const values = batches.flatMap((batch) => Array.from(batch[name] ?? [], Number));
    return [name, Float32Array.from(values)] as const;
  });
  return { ...training.weights(), ...Object.fromEntries(columns) };
}

interface Ask {
  readonly variant: (typeof variants)[number];
  readonly dropout: number;
  readonly steps: number;
}

interface Peer {
  readonly variant: Ask['variant'];
  readonly train: (ask: Ask) => Promise<Turn>;
}

interface PeerThreads {
  readonly threads: number;
  readonly wait: keyof typeof waits;
}

function startPeer(python: string, folder: string, { threads, wait }: PeerThreads) {
  const script = fileURLToPath(new URL('../../bench/peers/pytorch_training.py', import.meta.url));
  const env = { ...process.env, ...waits[wait] };
  const child = spawn(python, [script, folder, String(threads)], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    train: async ({ variant, dropout, steps }: Ask): Promise<Turn> => {
      child.stdin.write(`${JSON.stringify({ variant, dropout, steps })}\n`);
      const answer: IteratorResult<string, unknown> = await answers.next();
      if (answer.done === true) throw new Error(`${python} ended: see its message above`);
      return JSON.parse(answer.value) as Turn; // the script's own answer
    },
    stop: async (): Promise<void> => {
      child.stdin.end();
      await ended;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchTraining(process.env['TRAINYARD_BENCH_PYTHON'] ?? 'python3'))
    console.log(JSON.stringify(line));
