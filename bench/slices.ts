/** A schedule of ten thousand slices, backfilled twice while its worker is killed: none lost, none twice, histories short. @module */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { PipelineClient } from '../src/client/pipeline-client.js';
import type { Schedule } from '../src/client/schedule.js';
import { entityWorkflowId } from '../src/contracts/names.js';
import { newestGeneration } from '../src/records/heads.js';
import { type Measurement, timed } from './measurement.js';
import { minutes } from './project/contracts.js';
import { type BenchStack, withStack } from './stack.js';

const slices = Number(process.env['TRAINYARD_BENCH_SLICES'] ?? 10_000);
const manySlices = slices / 2;
const minuteMs = 60_000;
const kills = 3;

/** Wall time with three kills, what verification finds, and how long the longest history of the schedule's entity is. */
export function benchSlices(): Promise<Measurement[]> {
  return withStack(['pipelines'], measure, ['pipelines']);
}

/** The live heaps of the one worker that runs five thousand slices, after a fifth of them and after all. */
export async function benchSlicesMemory(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-heap-'));
  const file = join(folder, 'heap.jsonl');
  process.env['TRAINYARD_BENCH_HEAP'] = file;
  process.env['NODE_OPTIONS'] = `--require ${fileURLToPath(new URL('./heap-probe.cjs', import.meta.url))}`;
  try {
    return await withStack(['pipelines'], async ({ client, store, stack }) => {
      const pipelines = new PipelineClient({ client, project: 'bench', store });
      const who = { by: 'bench', reason: 'memory', patienceMs: 60_000 };
      const schedule = await pipelines.schedule(minutes, who);
      const to = new Date(Math.floor(Date.now() / minuteMs) * minuteMs);
      const from = new Date(to.getTime() - manySlices * minuteMs);
      await schedule.backfill({ from, to }, who);
      await untilThrough(schedule, from.getTime() + (manySlices / 5) * minuteMs);
      const early = heapsOf(file, stack.processes.at(-1)?.child.pid);
      await untilThrough(schedule, Infinity);
      const late = heapsOf(file, stack.processes.at(-1)?.child.pid);
      const { succeeded } = await schedule.verify({ from, to });
      return [
        { name: 'slices that succeeded', value: succeeded, unit: `of ${manySlices}` },
        ...Object.keys(late).map((of) => ({
          name: of,
          value: late[of] ?? NaN,
          unit: `MB, ${early[of] ?? NaN} after a fifth`,
        })),
      ];
    });
  } finally {
    delete process.env['NODE_OPTIONS'];
    await rm(folder, { recursive: true });
  }
}

/** A line that heap-probe.cts writes; bytes. */
interface HeapLine {
  readonly pid: number;
  /** 0: the main thread; others run workflows. */
  readonly thread: number;
  readonly heap: number;
  readonly resident: number;
}

/** The newest lines of the worker's threads, in MB. */
function heapsOf(file: string, pid: number | undefined): Record<string, number> {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const heaps: Record<string, number> = {};
  for (const line of lines) {
    const { pid: of, thread, heap, resident } = JSON.parse(line) as HeapLine; // heap-probe.ts wrote it
    if (of !== pid) continue;
    heaps[thread === 0 ? 'live heap of the main thread' : `live heap of thread ${thread}`] = tenths(heap / 1e6);
    heaps['resident'] = tenths(resident / 1e6);
  }
  return heaps;
}

function tenths(value: number): number {
  return Math.round(10 * value) / 10;
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
