/** By hand: `node --expose-gc dist/test/entities/loop-soak.js 1000` runs a loop of so many rounds and says how long its histories and how large its worker grew. @module */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { Loops } from '../../src/client/loops.js';
import { entityWorkflowId, roundRunId } from '../../src/contracts/names.js';
import { mochaGlobalTeardown, testEngine } from '../support/engine.js';
import { startPipelinesWorker } from '../support/pipelines-worker.js';
import * as contracts from './loop-contracts.js';

const rounds = Number(process.argv[2] ?? 1_000);
const project = `loop-soak-${randomUUID().slice(0, 8)}`;
const store = new MemoryStore();
const worker = await startPipelinesWorker(new URL('./loop-workflows.js', import.meta.url), {
  project: { name: project },
  store,
});
const { client } = await testEngine();
const loops = new Loops({ project, store, client });
const who = { by: 'soak', reason: 'a soak' };
await loops.declare(contracts.tried, who);

const lengths = new Map<string, number>();
const memory: number[] = [];
const began = performance.now();
for (let round = 1; round <= rounds; round++) {
  await loops.trigger('tried', {}, { ...who, reason: String(0.5 + (round % 7) / 100) });
  for (;;) {
    const { state } = await loops.show('tried');
    if (state.rounds >= round && state.running === null && state.waiting.length === 0) break;
    await delay(10);
  }
  if (round % 50 !== 0) continue;
  const { runId, historyLength } = await client.workflow
    .getHandle(entityWorkflowId(project, 'loops', 'tried'))
    .describe();
  lengths.set(runId, Math.max(historyLength, lengths.get(runId) ?? 0));
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  memory.push(heapUsed);
  console.log(
    `${round} rounds, ${Math.round((performance.now() - began) / round)} ms each; histories ${[...lengths.values()].join(', ')} events; heap ${Math.round(heapUsed / 1e6)} MB, RSS ${Math.round(rss / 1e6)} MB`,
  );
}
const { historyLength } = await client.workflow.getHandle(roundRunId(project, 'tried', rounds)).describe();
const [first = 0, last = 0] = [memory[1] ?? memory[0], memory.at(-1)];
console.log(
  JSON.stringify({
    rounds,
    longestHistory: Math.max(...lengths.values()),
    roundHistory: historyLength,
    runs: lengths.size,
    heapGrowthMB: Math.round((last - first) / 1e6),
  }),
);
await worker.stop();
await mochaGlobalTeardown();
