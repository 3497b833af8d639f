/** What a command is given: a server that answers and a namespace that exists. @module */
import assert from 'node:assert/strict';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { checkEngine } from '../../src/engine/check.js';
import { connectEngine } from '../../src/engine/connect-engine.js';
import { searchAttributeNames } from '../../src/contracts/names.js';
import { readRetention } from '../../src/engine/namespace.js';
import { withFolder } from './support.js';
import { withProject } from './with-engine.js';

const project = defineSearchAttributeKey('TyProject', 'KEYWORD');

describe('connectEngine', () => {
  it('makes the namespace with its retention and search attributes, and runs can start in it at once', async () => {
    await withProject(async ({ connect }) => {
      const engine = await connect({ retention: '45 days' });
      assert.deepEqual(engine.searchAttributes, searchAttributeNames);
      const later = await connect({ namespace: 'churn-staging', retention: '3 days' });
      const connection = await Connection.connect(engine.connection);
      try {
        assert.equal(await readRetention(connection, 'churn'), 45 * 86_400);
        assert.equal(await readRetention(connection, 'churn-staging'), 3 * 86_400);
        for (const { namespace } of [engine, later]) {
          const client = new Client({ connection, namespace });
          const typedSearchAttributes = [{ key: project, value: 'churn' }];
          const run = await client.workflow.start('any', {
            taskQueue: 'nobody',
            workflowId: 'one',
            typedSearchAttributes,
          });
          assert.equal((await run.describe()).typedSearchAttributes.get(project), 'churn');
        }
      } finally {
        await connection.close();
        await later.release();
        await engine.release();
      }
    });
  });

  it('uses an external server as it is: its namespaces, its retention, never stopped', async () => {
    await withProject(async ({ connect, pids }) => {
      const own = await connect({ retention: '45 days' });
      const env = { TEMPORAL_ADDRESS: own.address };
      const external = await connectEngine({ projectFolder: '/nonexistent', namespace: 'churn', env });
      assert.equal(external.source, `TEMPORAL_ADDRESS (${own.address})`);
      assert.deepEqual([external.startedByUs, external.uiAddress, external.namespace], [false, undefined, 'churn']);
      await external.release();
      assert.equal((await pids()).length, 1);
      await assert.rejects(
        connectEngine({ projectFolder: '/nonexistent', namespace: 'missing', env }),
        new RegExp(`server at ${own.address} has no namespace "missing".*\\[TY1804\\]`),
      );
      const child = await connectEngine({ projectFolder: '/nonexistent', namespace: 'other', env: own.env });
      assert.deepEqual([child.address, child.namespace], [own.address, 'churn']);
      await own.release();
    });
  });

  it('says so when an external server does not answer', async () => {
    await withFolder(async (projectFolder) => {
      const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
      await assert.rejects(
        connectEngine({ projectFolder, namespace: 'churn', env }),
        /server at 127\.0\.0\.1:1 does not answer.*\[TY1808\]/s,
      );
    });
  });

  it('is checked without leaving anything behind', async () => {
    await withProject(async ({ projectFolder, pids }) => {
      const findings = await checkEngine({ projectFolder, namespace: 'churn' });
      assert.deepEqual(
        findings.map(({ name }) => name),
        ['source', 'server', 'namespace', 'search attributes', 'round trip'],
      );
      assert(findings.every(({ ok }) => ok));
      assert.deepEqual(await pids(), []);
    });
  });
});
