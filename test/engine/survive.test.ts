/** A server killed in the middle of a run. @module */
import assert from 'node:assert/strict';
import { Client, Connection } from '@temporalio/client';
import { startHelper } from './support.js';
import { withProject } from './with-engine.js';

describe('an engine killed with -9 in the middle of a run', () => {
  it('goes on with the run when it is started again, with the same worker and client', async () => {
    await withProject(async ({ connect, pids }) => {
      const before = await connect();
      const worker = startHelper('survive-worker', [before.address]);
      const connection = await Connection.connect(before.connection);
      try {
        const client = new Client({ connection, namespace: before.namespace });
        const options = {
          taskQueue: 'ticks',
          workflowId: 'ticks',
          args: [30],
          workflowTaskTimeout: '2 seconds' as const,
        };
        const run = await client.workflow.start('ticks', options);
        while ((await worker.line()) !== 'tick 10');
        for (const pid of await pids()) process.kill(pid, 'SIGKILL');
        const after = await connect();
        assert.deepEqual([after.startedByUs, after.address], [true, before.address]);
        assert.equal(await run.result(), 465);
        assert.equal((await run.describe()).runId, run.firstExecutionRunId);
        await after.release();
      } finally {
        await connection.close();
        await worker.end();
        await before.release();
      }
    });
  });
});
