/** `npm run example:04`: a year of flights, once with a model frozen in April and once with a loop that retrains it. @module */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Candidate } from 'trainyard';
import { Endpoints, Loops, Monitors, Rollouts } from 'trainyard/client';
import { readJson } from '../../src/artifacts/json.js';
import { type ExampleRun, runExample } from '../run-example.js';
import { askedColumns, Callers, wouldHave } from './callers.js';
import { flightMonitor, flightRetraining, shuffledFlights } from './contracts.js';
import { flightsOf } from './flights.js';
import { type Decided, settled } from './loop-watch.js';
import { beginning, mistakeAfter, type Month, months } from './months.js';
import { lookNow, untilFollowed, untilLogged, whereServed } from './month-end.js';
import { linesOf, type PlottedMonth, svgOf } from './plot.js';

const usage = `Usage: npm run example:04 [-- --keep] [-- --json]

Lets a year of flights pass in minutes, month by month: a model server is asked about every flight, and is told later how late it came. One
model is frozen in April. A loop keeps the other one good: a monitor tells it of labels and drift, it trains, compares on fresh flights, rolls
out step by step what is better by a margin, refuses what is not, and takes back a model with shuffled labels that somebody put past its gate.
At the end: how both did, as a picture.

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

// The log goes to the store every second: a month is shorter than the 10 seconds of other servers.
const serve = ['--log-every', '1'];

await runExample({ pools: ['pipelines', 'cpu', 'gpu'], serve, usage, settings: z.object({}) }, async (example) => {
  const { client, project, store, say, stack, signal, view } = example;
  const host = { client, store, project: project.project.name };
  const [loops, endpoints, rollouts, monitors] = [
    new Loops(host),
    new Endpoints(host),
    new Rollouts(host),
    new Monitors(host),
  ];
  // Runs of the example meet the same engine and the same store: each has a loop, an endpoint and a registered model of its own.
  const name = `flights-${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}`;
  const [frozenName, monitorName] = [`${name}-frozen`, `${name}-monitor`];
  const alive = Promise.race([stack.broken, aborted(signal)]);
  const asked = { by: 'example 04', reason: 'a year passes' };
  const seen: MonthSeen[] = [];
  const decisions: Decided[] = [];
  const tell = (event: object) => {
    if (view === 'json') process.stdout.write(`${JSON.stringify(event)}\n`);
  };
  /** Until the loop has decided all that there is to decide. While it rolls out, callers go on asking. */
  const decisionsNow = async (callers?: Callers) => {
    const over = new AbortController();
    const asking = callers?.whileRollingOut(async () => (await rollouts.board(name)) !== undefined, over.signal);
    try {
      const settling = settled(loops, name, decisions.length, alive, say);
      const { decided } = await (asking ? Promise.race([settling, asking.then(() => settling)]) : settling);
      decisions.push(...decided);
      for (const decision of decided) tell({ type: 'decision', loop: name, ...decision });
      return decided;
    } finally {
      over.abort();
      await asking;
    }
  };

  await endpoints.setLog(name, { sample: 1, columns: askedColumns.map(({ name: column }) => column) }, asked);
  await loops.declare(flightRetraining, { ...asked, name, endpoint: name, settings: tables });
  await monitors.declare(flightMonitor, {
    ...asked,
    name: monitorName,
    endpoint: name,
    loop: name,
    settings: tables,
  });
  try {
    await loops.trigger(name, { asOf: beginning }, { ...asked, reason: 'the first model' });
    say('January to April: the first model is trained, and frozen');
    await decisionsNow();
    const frozen = await championOf();
    await endpoints.setLog(frozenName, { sample: 0, columns: [] }, asked);
    await endpoints.deploy(frozenName, { model: frozen.model }, asked);
    const [address, frozenAddress] = [await whereServed(endpoints, name), await whereServed(endpoints, frozenName)];

    let rows = 0;
    let next: Awaited<ReturnType<typeof callersOf>> | undefined = await callersOf(months[0]);
    for (const [at, month] of months.entries()) {
      if (next === undefined) break;
      const { flights, callers } = next;
      await Promise.race([callers.rest(), alive]);
      rows += flights.length;
      const [other, one] = [callers.quality(), await wouldHave(frozenAddress, flights)];
      const count = flights.length.toLocaleString('en-US');
      say(`${month.name}: ${count} flights; AUC frozen ${one.auc.toFixed(3)}, loop ${other.auc.toFixed(3)}`);
      next = await callersOf(months[at + 1]);
      const ended = next && (await monthEnds(month, rows, next.callers));
      seen.push({
        month: month.month,
        name: month.name,
        frozen: one.auc,
        loop: other.auc,
        frozenLogLoss: one.logLoss,
        loopLogLoss: other.logLoss,
        ...(ended?.decision && { decision: ended.decision }),
        ...(ended?.note && { note: ended.note }),
      });
      tell({ type: 'month', ...seen.at(-1), found: ended?.found ?? [] });
    }

    async function callersOf(month: Month | undefined) {
      if (month === undefined) return undefined;
      const flights = await flightsOf(tables, month);
      return { flights, callers: new Callers(address, month.name, flights) };
    }
  } finally {
    const over = { ...asked, reason: 'the example has ended' };
    await loops.pause(name, over).catch(() => undefined);
    await monitors.pause(monitorName, over).catch(() => undefined);
    if (!example.keep)
      for (const one of [name, frozenName]) await endpoints.withdraw(one, undefined, over).catch(() => undefined);
  }

  /** The month's labels are in: the monitor looks, and tells the loop, which decides. */
  async function monthEnds(month: Month, rows: number, callers: Callers) {
    await Promise.race([untilLogged(endpoints, name, rows), alive]);
    const look = await lookNow(monitors, monitorName, asked, alive);
    for (const found of look.found) say(`  the monitor found ${found}`);
    const decided = await decisionsNow(callers);
    const note = month.month === mistakeAfter ? await makeMistake(month) : undefined;
    await Promise.race([untilFollowed(endpoints, name), alive]);
    return { decision: decided.findLast(({ purpose }) => purpose === 'train')?.verdict, note, found: look.found };
  }

  async function makeMistake({ until }: Month) {
    say('Somebody deploys a model past the gate. Nobody knows yet that its labels were shuffled.');
    const wrong = await shuffled(example, { tables, until, endpoint: name }, alive);
    await loops.adopt(name, wrong, { by: 'somebody', reason: 'it looked fine to me' });
    const decided = await decisionsNow();
    return decided.some(({ verdict }) => verdict === 'rolledBack') ? 'rolled back' : 'not found out';
  }

  async function championOf() {
    const { champion } = (await loops.show(name)).state;
    if (champion === null) throw new Error('the loop has no champion');
    return readJson(store, champion.candidate, Candidate);
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
  say(`plot      ${relative('', plot)}`);
  say(`reasons   npx trainyard loop explain ${name} --project dist/examples`);
  say(`versions  npx trainyard models history ${name} --project dist/examples`);
  say(`rollouts  npx trainyard rollout show ${name} --project dist/examples`);
  return { result: { ...outcome, plot }, exitCode: 0 };
});

/** Until when there were labels in the rounds that ended so: `2013-06-30`. */
function datesOf(decisions: readonly Decided[], verdict: Decided['verdict']): string[] {
  return decisions.filter((decision) => decision.verdict === verdict).map(({ asOf }) => asOf.slice(0, 10));
}

async function shuffled(
  { pipelines }: ExampleRun,
  input: { readonly tables: typeof tables; readonly until: string; readonly endpoint: string },
  alive: Promise<never>,
) {
  const run = await pipelines.start(shuffledFlights, { input });
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
