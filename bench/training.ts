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

const rounds = 11;
/** PyTorch as it comes, and compiled; the faster one counts. */
const variants = ['eager', 'compiled'] as const;
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
    const peer = startPeer(python, folder, threads);
    try {
      const expected = await train(plain, task, comparedSteps);
      for (const variant of variants)
        compare(task, expected, await peer.train({ variant, dropout: 0, steps: comparedSteps }));
      const turn = async () => ({
        ours: await train(ours, task, task.steps),
        eager: await peer.train({ ...task, variant: 'eager' }),
        compiled: await peer.train({ ...task, variant: 'compiled' }),
      });
      await turn(); // The first one compiles and warms up.
      const turns: Turns[] = [];
      while (turns.length < rounds) turns.push(await turn());
      return summarise(
        { name: `training: ${task.name}, threads: ${threads}`, samples: task.steps * task.batchSize, threads },
        turns,
      );
    } finally {
      await peer.stop();
    }
  } finally {
    await ours.release();
    await plain.release();
    await rm(folder, { recursive: true });
  }
}

type Turns = Readonly<Record<'ours' | (typeof variants)[number], Turn>>;

interface Turn {
  readonly seconds: number;
  /** Of the whole process, all threads. */
  readonly cpuSeconds: number;
  readonly losses: readonly number[];
}

interface Measured {
  readonly name: string;
  /** In one turn. */
  readonly samples: number;
  readonly threads: number;
}

function summarise({ name, samples, threads }: Measured, turns: readonly Turns[]): Measurement[] {
  const of = (side: keyof Turns, time: 'seconds' | 'cpuSeconds'): number[] => turns.map((turn) => turn[side][time]);
  const line = (time: 'seconds' | 'cpuSeconds', least: (values: readonly number[]) => number, what: string) => {
    const faster = least(of('eager', time)) < least(of('compiled', time)) ? 'eager' : 'compiled';
    const [value, peer] = [samples / least(of('ours', time)), samples / least(of(faster, time))];
    const unit = time === 'seconds' ? 'samples/s' : 'samples/CPU s';
    const ratio = least === median ? median(turns.map((turn) => turn[faster][time] / turn.ours[time])) : value / peer;
    return { name: `${name}, ${what}`, value, unit, peer: `PyTorch ${faster} ${peer.toFixed(0)}`, ratio };
  };
  const lines = [line('seconds', median, 'median'), line('seconds', (values) => Math.min(...values), 'best')];
  return threads === 1 ? [...lines, line('cpuSeconds', median, 'CPU time')] : lines;
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

function startPeer(python: string, folder: string, threads: number) {
  const script = fileURLToPath(new URL('../../bench/peers/pytorch_training.py', import.meta.url));
  const child = spawn(python, [script, folder, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async train({ variant, dropout, steps }: Ask): Promise<Turn> {
      child.stdin.write(`${JSON.stringify({ variant, dropout, steps })}\n`);
      const { value, done } = await answers.next();
      if (done === true) throw new Error(`${python} ended: see its message above`);
      return JSON.parse(value) as Turn; // the script's own answer
    },
    async stop(): Promise<void> {
      child.stdin.end();
      await ended;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchTraining(process.env['TRAINYARD_BENCH_PYTHON'] ?? 'python3'))
    console.log(JSON.stringify(line));
