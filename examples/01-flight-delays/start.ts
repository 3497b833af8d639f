/** `npm start`: trains on real flights, deploys, predicts once, and says whether July is like spring. @module */
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { columnsOf } from 'trainyard';
import { type ExampleEnd, type ExampleRun, exitCodeOf, runExample } from '../run-example.js';
import { Flight, flightDelays } from './contracts.js';
import { inferRequest, type RawRow } from './infer-request.js';

const usage = `Usage: npm start [-- --keep] [-- --json] [-- --store s3]

Ingests a year of flights from New York, trains a model of late arrivals on January to April, evaluates it on May,
deploys it behind an Open Inference Protocol endpoint, and compares July with the spring it was trained on.

  --keep   leave engine, workers and model server up until Ctrl-C
  --json   one JSON object a line on stdout; the last one has "type": "result"
  --store  file (default), or s3: the same job with its artifacts in a bucket of an S3 server that is started for it
`;

// dist/examples/01-flight-delays → examples/01-flight-delays/data
const data = (name: string) =>
  fileURLToPath(new URL(`../../../examples/01-flight-delays/data/${name}`, import.meta.url));

const settings = z.object({});

const Answer = z.object({ outputs: z.array(z.object({ name: z.string(), data: z.array(z.number().nullable()) })) });

await runExample({ pools: ['pipelines', 'cpu', 'gpu'], serve: true, usage, settings }, async (example) => {
  const input = { flights: data('flights.parquet'), weather: data('weather.parquet') };
  const run = await example.pipelines.start(flightDelays, { input });
  const { runId } = await run.workflow.describe();
  const end = await example.watch(run);
  const ids = { workflowId: run.workflowId, runId };
  const temporal = `Temporal: ${example.engine.uiAddress ?? 'its UI'}/namespaces/${example.engine.namespace}/workflows/${encodeURIComponent(ids.workflowId)}/${runId}`;
  if (end.state !== 'completed') {
    example.say(`${end.state}: ${'failure' in end ? end.failure : ''}\n${temporal}`);
    return { result: { outcome: end.state, ...ids }, exitCode: exitCodeOf(end) };
  }
  const output = flightDelays.output.parse(end.output);
  example.say('');
  example.say(`outcome    ${output.outcome}`);
  example.say(
    `May AUC    ${output.auc.toFixed(3)}, baseline (late rate by scheduled hour) ${output.baselineAuc.toFixed(3)}`,
  );
  example.say(`model      sha256 ${output.modelSha256}`);
  const shown = output.outcome === 'deployed' ? await showDeployed(example, output) : { reason: output.reason };
  example.say(temporal);
  const { outcome, auc, baselineAuc, modelSha256 } = output;
  return {
    result: { outcome, ...ids, auc, baselineAuc, modelSha256, ...shown },
    exitCode: exitCodeOf(end),
  } satisfies ExampleEnd;
});

type Deployed = Extract<z.output<typeof flightDelays.output>, { outcome: 'deployed' }>;

async function showDeployed({ project, say, signal }: ExampleRun, { endpoint, sample, drift }: Deployed) {
  const row = shortened(sample);
  const request = inferRequest(
    [row],
    columnsOf(Flight).filter(({ name }) => name !== 'late'),
  );
  const url = `${endpoint}/infer`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(request), signal });
  const answer = Answer.parse(await response.json());
  const prediction = answer.outputs.find(({ name }) => name === 'probability')?.data[0] ?? null;
  const worst = `${drift.worst.column} has a PSI of ${drift.worst.psi.toFixed(1)}`;
  say(`endpoint   ${endpoint}`);
  say(
    `July       ${drift.verdict}: ${worst}; AUC ${drift.auc?.toFixed(3) ?? '–'}, the late rate by hour alone ${drift.naiveAuc?.toFixed(3) ?? '–'}`,
  );
  const at = String(row['scheduled']).slice(0, 16).replace('T', ' ');
  say(
    `prediction ${row['carrier']} from ${row['origin']} to ${row['dest']}, ${at}: late with probability ${prediction?.toFixed(3) ?? '–'}`,
  );
  // The body has all columns, more than a screen of it: a file keeps the command readable.
  const body = join(project.folder, '.trainyard', 'flight.json');
  await writeFile(body, JSON.stringify(request));
  say(`\n  curl ${url} -d @${relative('', body)}\n`);
  return { endpoint, prediction, drift };
}

/** The dataset's float32 values with no more digits than they have. */
function shortened(row: RawRow): RawRow {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === 'number' ? Number(value.toPrecision(7)) : value,
  ]);
  return Object.fromEntries(entries) as RawRow;
}
