/** What `trainyard engine check` finds out about the engine that a project would use. @module */
import { Connection } from '@temporalio/client';
import { connectEngine, type EngineOptions } from './connect-engine.js';
import { searchAttributeNames } from '../contracts/names.js';
import { readRetention } from './namespace.js';

/** One line of the check. What is not `ok` is worse than it could be but stops no run. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

const roundTrips = 20;

/** Connects as a command would, looks, and leaves everything as it was. Rejects with the coded error that a run would meet. */
export async function checkEngine(options: EngineOptions): Promise<readonly Finding[]> {
  const engine = await connectEngine(options);
  const client = await Connection.connect(engine.connection);
  try {
    const { serverVersion } = await client.workflowService.getSystemInfo({});
    const days = ((await readRetention(client, engine.namespace)) ?? 0) / 86_400;
    const complete = engine.searchAttributes.length === searchAttributeNames.length;
    return [
      { name: 'source', ok: true, detail: engine.source },
      { name: 'server', ok: true, detail: `${engine.address}, Temporal ${serverVersion}` },
      { name: 'namespace', ok: true, detail: `${engine.namespace}, keeps closed runs for ${days} days` },
      {
        name: 'search attributes',
        ok: complete,
        detail: complete ? engine.searchAttributes.join(', ') : engine.notes.join('; '),
      },
      {
        name: 'round trip',
        ok: true,
        detail: `${(await medianRoundTripMs(client)).toFixed(1)} ms (median of ${roundTrips})`,
      },
    ];
  } finally {
    await client.close();
    await engine.release();
  }
}

async function medianRoundTripMs(client: Connection): Promise<number> {
  const times: number[] = [];
  for (let trip = 0; trip < roundTrips; trip += 1) {
    const startMs = performance.now();
    await client.workflowService.getSystemInfo({});
    times.push(performance.now() - startMs);
  }
  times.sort((one, other) => one - other);
  return times[roundTrips / 2] ?? 0;
}
