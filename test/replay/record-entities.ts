/**
 * Records a life of each entity, and of the runs that it starts, for the replay tests: the first of its runs, and one that goes on where it ended.
 * `node dist/test/replay/record-entities.js test/replay/histories/next/entities`. @module
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { entityWorkflowId, scheduleIdOf, tickId } from '../../src/contracts/names.js';
import { hurriedEngine } from '../support/hurried-engine.js';
import { startPipelinesWorker } from '../support/pipelines-worker.js';
import { lives, seconds } from './entity-lives.js';
import { writeHistory } from './write-history.js';

const [folder = '', only] = process.argv.slice(2);
const events = 60;
const project = 'recorded';
const names: Readonly<Record<string, string>> = { slices: seconds.name, loops: 'tried', monitors: 'watched' };

await mkdir(folder, { recursive: true });
const engine = await hurriedEngine(events);
const { client } = engine;
const place = { client, project, store: new MemoryStore() };
const schedules = new Map([[seconds.name, seconds]]);
const options = { project: { name: project }, store: place.store, schedules };
const worker = await startPipelinesWorker(new URL('./entity-workflows.js', import.meta.url), options, engine);
try {
  for (const [kind, live] of Object.entries(lives)) {
    if (only !== undefined && kind !== only) continue;
    const id = entityWorkflowId(project, kind, names[kind] ?? 'recorded');
    const first = new Set<string>();
    /** Until its second run has a few events. */
    const goesOn = async () => {
      const { runId, historyLength } = await client.workflow.getHandle(id).describe();
      first.add(runId);
      return first.size === 1 || historyLength < events / 2;
    };
    const runs = await live(place, goesOn);
    for (const [at, runId] of [...first].slice(0, 2).entries()) await record(`${kind}-${at + 1}`, id, runId);
    for (const [name, run] of Object.entries(runs)) await record(name, `${project}/${run}`);
  }
  if (only === undefined || only === 'slices') await recordTick();
} finally {
  await worker.stop();
  await engine.close();
}

/** The newest run of the id, unless it is said which. */
async function record(name: string, workflowId: string, runId?: string): Promise<void> {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  await writeHistory(join(folder, `${name}.json`), JSON.parse(historyToJSON(history)));
  console.log(`${name}: ${history.events?.length ?? 0} events`);
}

async function recordTick(): Promise<void> {
  const schedule = client.schedule.getHandle(scheduleIdOf(project, seconds.name));
  const { info } = await schedule.describe();
  const [tick] = info.recentActions;
  if (tick === undefined) throw new Error(`no ${tickId(project, seconds.name)} has come`);
  await schedule.delete();
  await record('tick', tick.action.workflow.workflowId);
}
