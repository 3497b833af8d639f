/** `npm run example:04`: a year of flights, once with a model frozen in April and once with a loop that retrains it. @module */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Candidate, type PipelineContract, type PipelineInput, type PipelineOutput } from 'trainyard';
import { Loops } from 'trainyard/client';
import { readJson } from '../../src/artifacts/json.js';
import { type ExampleRun, runExample } from '../run-example.js';
import { flightMonth, flightRetraining, shuffledFlights } from './contracts.js';
import { type Decided, settled } from './loop-watch.js';
import { beginning, mistakeAfter, type Month, months, referenceOf } from './months.js';
import { linesOf, type PlottedMonth, svgOf } from './plot.js';

const usage = `Usage: npm run example:04 [-- --keep] [-- --json]

Lets a year of flights pass in minutes, month by month. One model is frozen in April. A loop keeps the other one good: it trains when labels
and drift ask for it, compares on fresh flights, promotes what is better by a margin, refuses what is not, and takes back a model with
shuffled labels that somebody put past its gate. At the end: how both did, as a picture.

  --keep   leave engine, workers and model server up until Ctrl-C
  --json   one JSON object a line on stdout; the last one has "type": "result"
`;

// dist/examples/04-flight-retraining → examples/01-flight-delays/data
const data = (name: string) =>
  fileURLToPath(new URL(`../../../examples/01-flight-delays/data/${name}`, import.meta.url));
const tables = { flights: data('flights.parquet'), weather: data('weather.parquet') };

interface MonthSeen extends PlottedMonth {
  readonly month: number;
  readonly frozenLogLoss: number;
  readonly loopLogLoss: number;
}

await runExample(
  { pools: ['pipelines', 'cpu', 'gpu'], serve: true, usage, settings: z.object({}) },
  async (example) => {
    const { client, project, store, say, stack, signal, view } = example;
    const loops = new Loops({ client, store, project: project.project.name });
    // Runs of the example meet the same engine and the same store: each has a loop of its own.
    const name = `flights-${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}`;
    const alive = Promise.race([stack.broken, aborted(signal)]);
    const asked = { by: 'example 04', reason: 'a year passes' };
    const seen: MonthSeen[] = [];
    const decisions: Decided[] = [];
    const tell = (event: object) => {
      if (view === 'json') process.stdout.write(`${JSON.stringify(event)}\n`);
    };
    const wait = async () => {
      const { decided, state } = await settled(loops, name, decisions.length, alive, say);
      decisions.push(...decided);
      for (const decision of decided) tell({ type: 'decision', loop: name, ...decision });
      return { decided, state };
    };
    const championOf = async () => {
      const { champion } = (await loops.show(name)).state;
      if (champion === null) throw new Error('the loop has no champion');
      return { standing: champion, candidate: await readJson(store, champion.candidate, Candidate) };
    };
    const run = <Contract extends PipelineContract>(contract: Contract, input: PipelineInput<Contract>) =>
      result(example, contract, input, alive);

    await loops.declare(flightRetraining, { ...asked, name, settings: tables });
    await loops.trigger(name, { asOf: beginning }, { ...asked, reason: 'the first model' });
    say('January to April: the first model is trained, and frozen');
    await wait();
    const frozen = (await championOf()).candidate;
    let rows = 0;
    let championAsOf = beginning;

    try {
      for (const month of months) {
        const champion = (await championOf()).candidate;
        const passed = await run(flightMonth, {
          tables,
          month: { from: month.from, until: month.until },
          reference: referenceOf(championAsOf),
          frozen,
          champion,
        });
        say(
          `${month.name}: ${passed.rows.toLocaleString('en-US')} flights; AUC frozen ${passed.frozen.auc.toFixed(3)}, loop ${passed.champion.auc.toFixed(3)}`,
        );
        rows += passed.rows;
        const isLast = month === months.at(-1);
        const decided = isLast ? [] : await labelsCome(month, passed.drift);
        const last = decided.findLast(({ purpose }) => purpose === 'train');
        if (last?.verdict === 'promoted') championAsOf = month.until;
        const { frozen: one, champion: other } = passed;
        const note = month.month === mistakeAfter ? await makeMistake(month) : undefined;
        seen.push({
          month: month.month,
          name: month.name,
          frozen: one.auc,
          loop: other.auc,
          frozenLogLoss: one.logLoss,
          loopLogLoss: other.logLoss,
          ...(last && { decision: last.verdict }),
          ...(note && { note }),
        });
        tell({ type: 'month', ...seen.at(-1), drift: passed.drift });
      }
    } finally {
      await loops.pause(name, { ...asked, reason: 'the example has ended' }).catch(() => undefined);
    }

    /** The month's labels are in: the loop hears how many, and what the monitor found. */
    async function labelsCome(month: Month, drift: PipelineOutput<typeof flightMonth>['drift']) {
      const { until } = month;
      if (drift.verdict === 'drift') {
        const why = `PSI of ${drift.column} ${drift.psi.toFixed(1)} in ${month.name}`;
        await loops.trigger(name, { cause: 'drift', asOf: until }, { ...asked, reason: why });
      }
      await loops.observe(name, { rows, asOf: until }, { ...asked, reason: `the labels of ${month.name}` });
      return (await wait()).decided;
    }

    async function makeMistake({ until }: Month) {
      say('Somebody deploys a model past the gate. Nobody knows yet that its labels were shuffled.');
      const wrong = await run(shuffledFlights, { tables, until, endpoint: flightRetraining.policy.endpoint });
      await loops.adopt(name, wrong, { by: 'somebody', reason: 'it looked fine to me' });
      const { decided } = await wait();
      return decided.some(({ verdict }) => verdict === 'rolledBack') ? 'rolled back' : 'not found out';
    }

    const year = seen.filter(({ month }) => month >= 6);
    const mean = (of: (month: MonthSeen) => number) => year.reduce((sum, month) => sum + of(month), 0) / year.length;
    const outcome = {
      loop: name,
      frozenMeanAuc: mean(({ frozen: auc }) => auc),
      loopMeanAuc: mean(({ loop }) => loop),
      frozenMeanLogLoss: mean(({ frozenLogLoss }) => frozenLogLoss),
      loopMeanLogLoss: mean(({ loopLogLoss }) => loopLogLoss),
      promoted: datesOf(decisions, 'promoted'),
      refused: datesOf(decisions, 'refused'),
      rolledBack: datesOf(decisions, 'rolledBack'),
    };
    const plot = join(project.folder, '.trainyard', 'flight-retraining.svg');
    await mkdir(join(project.folder, '.trainyard'), { recursive: true });
    await writeFile(plot, svgOf(seen));
    say('');
    for (const line of linesOf(seen)) say(line);
    say('');
    say(
      `June to December, mean AUC       frozen ${outcome.frozenMeanAuc.toFixed(3)}, loop ${outcome.loopMeanAuc.toFixed(3)}`,
    );
    say(
      `June to December, mean log loss  frozen ${outcome.frozenMeanLogLoss.toFixed(3)}, loop ${outcome.loopMeanLogLoss.toFixed(3)}`,
    );
    say(`plot     ${relative('', plot)}`);
    say(`reasons  npx trainyard loop explain ${name} --project dist/examples`);
    return { result: { ...outcome, plot }, exitCode: 0 };
  },
);

/** Until when there were labels in the rounds that ended so: `2013-07-01`. */
function datesOf(decisions: readonly Decided[], verdict: Decided['verdict']): string[] {
  return decisions.filter((decision) => decision.verdict === verdict).map(({ asOf }) => asOf.slice(0, 10));
}

async function result<Contract extends PipelineContract>(
  { pipelines }: ExampleRun,
  contract: Contract,
  input: PipelineInput<Contract>,
  alive: Promise<never>,
): Promise<PipelineOutput<Contract>> {
  const run = await pipelines.start(contract, { input });
  try {
    return await Promise.race([run.result(), alive]);
  } catch (error) {
    await run.workflow.terminate('the example has ended').catch(() => undefined);
    throw error;
  }
}

/** Rejects when the signal says so. */
function aborted(signal: AbortSignal): Promise<never> {
  const rejects = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true });
  });
  rejects.catch(() => undefined);
  return rejects;
}
