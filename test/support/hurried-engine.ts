/** A Temporal server that suggests a new run after few events: what goes on in new runs does so in seconds. @module */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { locateEngine } from '../../src/engine/locate.js';
import { endServer, startServer } from '../../src/engine/server-process.js';
import { tunedFlags } from '../../src/engine/tuning.js';
import { quietRuntime, type TestEngine } from './engine.js';

const namespace = 'hurried';

/** A server of its own; `close` ends it and leaves nothing. @param events of a history after which a new run is suggested */
export async function hurriedEngine(
  events: number,
): Promise<Pick<TestEngine, 'client' | 'native'> & { readonly close: () => Promise<void> }> {
  quietRuntime();
  const located = await locateEngine({ env: {}, onProgress: (line) => console.error(line) });
  if (located.kind !== 'binary') throw new Error(`${located.source} is no server of ours`);
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-hurried-'));
  const database = join(folder, 'temporal.db');
  const started = await startServer({
    binary: located.path,
    database,
    logFile: join(folder, 'server.log'),
    namespace,
    flags: [
      ...tunedFlags().flatMap(({ args }) => args),
      ...['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${events}`],
    ],
  });
  if (started.state !== 'running') throw new Error(`port ${started.port} was taken in between: try again`);
  const { address } = started.server;
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  return {
    client: new Client({ connection, namespace }),
    native,
    close: async () => {
      await native.close().catch(() => undefined);
      await connection.close();
      await endServer(database);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
