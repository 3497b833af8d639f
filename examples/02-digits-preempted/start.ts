/** `npm run example:02`: trains twice, the second time with its worker killed again and again, and compares the bytes. @module */
import type { Run } from 'trainyard/client';
import { z } from 'zod';
import { duration } from '../../src/cli/figures.js';
import { type ExampleEnd, type ExampleRun, exitCodeOf, runExample } from '../run-example.js';
import { digits } from './contracts.js';
import { type Kill, killWorkers } from './kill-workers.js';

const usage = `Usage: npm run example:02 [-- --kills N] [-- --seed S] [-- --epochs E] [-- --keep] [-- --json]

Trains a network to read digits, once unbroken and once with its worker killed with -9 again and again.
The two models must be the same bytes: exit code 1 if they are not.

  --kills N    how often the worker is killed                               (3)
  --seed S     of weights, order of images, dropout and moments of the kills  (7)
  --epochs E   how long each training is                                   (80)
  --keep       leave engine and workers up until Ctrl-C
  --json       one JSON object a line on stdout; the last one has "type": "result"
`;

const Count = z.string().regex(/^\d+$/, 'must be a whole number').transform(Number);
const settings = z.object({
  kills: Count,
  seed: Count.pipe(z.number().max(2 ** 32 - 1)),
  epochs: Count.pipe(z.number().positive()),
});

/** What a network of this size reads right at the least, after the epochs of the default. */
const leastAccuracy = 0.94;

await runExample(
  {
    pools: ['pipelines', 'cpu', 'gpu'],
    serve: false,
    mayDie: ['gpu'],
    usage,
    flags: {
      kills: { type: 'string', default: '3' },
      seed: { type: 'string', default: '7' },
      epochs: { type: 'string', default: '80' },
    },
    settings,
  },
  async (example, { kills, ...input }) => {
    const { pipelines, say } = example;
    const first = await train(example, await pipelines.start(digits, { input }), () => []);
    if ('failed' in first) return first.failed;
    const unbroken = first.trained;
    say(`unbroken   ${attemptsOf(unbroken)}, sha256 ${unbroken.model.sha256}\n`);

    const run = await pipelines.start(digits, { input });
    const killed: Kill[] = [];
    const onKill = (kill: Kill) => void killed.push(kill);
    const told = () => killed.slice(-1).map((kill) => sentence(kill, killed.length, kills));
    const [second, lostSteps] = await Promise.all([
      train(example, run, told),
      repeatedSteps(run.metrics('trainDigits')),
      killWorkers({ ...example, run, pool: 'gpu', stage: 'trainDigits', kills, seed: input.seed, onKill }),
    ]);
    if ('failed' in second) return second.failed;
    const resumed = second.trained;
    say(`resumed    ${attemptsOf(resumed)}, sha256 ${resumed.model.sha256}`);
    say(`kills      ${killed.length}; ${lostSteps} of ${resumed.steps} steps were made twice`);
    say(`accuracy   ${resumed.accuracy.toFixed(4)} on images that neither was trained on`);

    const equal = unbroken.model.sha256 === resumed.model.sha256;
    if (!equal) say('The two models are NOT the same bytes.');
    if (killed.length < kills) say(`The training ended after ${killed.length} of ${kills} kills: raise --epochs.`);
    if (resumed.accuracy < leastAccuracy) say(`The accuracy is below ${leastAccuracy}.`);
    const good = equal && killed.length === kills && resumed.accuracy >= leastAccuracy;
    const digests = { unbroken: unbroken.model.sha256, resumed: resumed.model.sha256 };
    const { accuracy, steps } = resumed;
    return {
      result: { ...digests, kills: killed.length, lostSteps, steps, accuracy },
      exitCode: good ? 0 : 1,
    };
  },
);

/** What a run gave, how often its training was begun, and how long it took over all attempts. */
type Trained = z.output<typeof digits.output> & { readonly attempts: number; readonly trainingMs: number };

/** Where a run gives nothing, how the example ends. */
async function train(
  { watch, say }: ExampleRun,
  run: Run,
  notes: () => string[],
): Promise<{ readonly trained: Trained } | { readonly failed: ExampleEnd }> {
  const end = await watch(run, { notes });
  if (end.state !== 'completed') {
    say(`${end.state}: ${'failure' in end ? end.failure : ''}`);
    return { failed: { result: { outcome: end.state, workflowId: run.workflowId }, exitCode: exitCodeOf(end) } };
  }
  const { stages } = await run.status();
  const training = stages.find(({ stage }) => stage === 'trainDigits');
  const trainingMs = (training?.closedAt?.getTime() ?? NaN) - (training?.scheduledAt.getTime() ?? NaN);
  return { trained: { ...digits.output.parse(end.output), attempts: training?.attempts ?? NaN, trainingMs } };
}

/** Steps that the curves show more than once: what the kills cost. What a trainer did in its last second they do not show. */
async function repeatedSteps(points: AsyncIterable<{ readonly step: number }>): Promise<number> {
  let newest = 0;
  let repeated = 0;
  for await (const { step } of points) {
    repeated += Math.max(0, newest - step + 1);
    newest = step;
  }
  return repeated;
}

function attemptsOf({ attempts, trainingMs }: Trained): string {
  return `trained in ${duration(trainingMs)} and ${attempts === 1 ? 'one attempt' : `${attempts} attempts`}`;
}

function sentence({ step, pids }: Kill, number: number, of: number): string {
  return `kill -9, ${number} of ${of}, at step ${step}: the processes ${pids.join(', ')} are gone; a new worker starts`;
}
