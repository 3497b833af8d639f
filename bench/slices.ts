/** A schedule of ten thousand slices, backfilled twice while its worker is killed: none lost, none twice, histories short. @module */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { PipelineClient } from '../src/client/pipeline-client.js';
import type { Schedule } from '../src/client/schedule.js';
import { entityWorkflowId } from '../src/contracts/names.js';
import { newestGeneration } from '../src/records/heads.js';
import { type Measurement, timed } from './measurement.js';
import { minutes } from './project/contracts.js';
import { type BenchStack, withStack } from './stack.js';

const slices = Number(process.env['TRAINYARD_BENCH_SLICES'] ?? 10_000);
const minuteMs = 60_000;
const kills = 3;

/** Wall time with three kills, what verification finds, and how long the longest history of the schedule's entity is. */
export function benchSlices(): Promise<Measurement[]> {
  return withStack(['pipelines'], measure, ['pipelines']);
}

async function measure({ client, store, stack }: BenchStack): Promise<Measurement[]> {
  const pipelines = new PipelineClient({ client, project: 'bench', store });
  const who = { by: 'bench', reason: 'ten thousand slices', patienceMs: 60_000 };
  const schedule = await pipelines.schedule(minutes, who);
  const to = new Date(Math.floor(Date.now() / minuteMs) * minuteMs);
  const span = { from: new Date(to.getTime() - slices * minuteMs), to };
  let worker = stack.processes.at(-1);
  const time = await timed(async () => {
    await schedule.backfill(span, who);
    await schedule.backfill(span, who);
    for (let kill = 1; kill <= kills; kill++) {
      await untilThrough(schedule, span.from.getTime() + (kill / (kills + 1)) * slices * minuteMs);
      if (worker?.child.kill('SIGKILL')) await once(worker.child, 'close');
      worker = await stack.startWorker('pipelines');
    }
    await untilThrough(schedule, Infinity);
  });
  const { expected, succeeded, missing, double } = await schedule.verify(span);
  const own = new PipelineClient({ client, project: 'bench', store }).scheduleOf(minutes.name);
  const beside = await own.verify();
  return [
    { name: `${slices} slices, 50 at a time, ${kills} kills`, value: time / 1_000, unit: 's' },
    { name: 'slices that succeeded', value: succeeded, unit: `of ${expected}` },
    { name: 'missing', value: missing.length + beside.missing.length, unit: 'slices' },
    { name: 'double', value: double.length + beside.double.length, unit: 'slices' },
    { name: 'longest history of the entity', value: await longestHistory(client), unit: 'events' },
    { name: 'heads', value: await newestGeneration(store, 'slices', minutes.name), unit: 'changes' },
    { name: 'memory of the worker', value: residentMiB(worker?.child.pid), unit: 'MiB' },
  ];
}

/** Until all backfills have come up to a moment, or have ended. */
async function untilThrough(schedule: Schedule, timeMs: number): Promise<void> {
  for (;;) {
    const { backfills, board } = await schedule.status();
    if (backfills.length === 0) return;
    const through = board?.backfills.map((one) => Date.parse(one.through)) ?? [];
    if (Math.max(...through) >= timeMs) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function longestHistory(client: Client): Promise<number> {
  let longest = 0;
  const query = `WorkflowId = "${entityWorkflowId('bench', 'slices', minutes.name)}"`;
  for await (const { historyLength } of client.workflow.list({ query })) longest = Math.max(longest, historyLength);
  const { historyLength } = await client.workflow
    .getHandle(entityWorkflowId('bench', 'slices', minutes.name))
    .describe();
  return Math.max(longest, historyLength);
}

function residentMiB(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024);
}
