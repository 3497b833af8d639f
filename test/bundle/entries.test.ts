/** Each workflow entry bundles for Temporal's sandbox: nothing of Node, nothing of the other side. @module */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger } from '@temporalio/worker';
import { bundleWorkflows } from '../../src/worker/bundle.js';

const entries = ['workflows/index.js', 'examples/workflows.js', 'test/integration/project/workflows.js'];
/** Paths of modules: a bundle names those that it is made of. */
const forbidden = [
  '@temporalio/client/lib',
  '@temporalio/worker/lib',
  '@duckdb/node',
  'onnxruntime-node/dist',
  'src/artifacts/',
  'src/activity/',
];

describe('a workflow entry', function () {
  this.timeout(120_000);

  for (const entry of entries)
    it(`${entry} bundles, small, and without code of the other side`, async () => {
      const { code, sha256 } = await bundleWorkflows({
        workflowsPath: fileURLToPath(new URL(`../../${entry}`, import.meta.url)),
        cacheFolder: join(tmpdir(), 'trainyard-test-bundles'),
        logger: new DefaultLogger('ERROR'),
      });
      assert.match(sha256, /^[0-9a-f]{64}$/);
      // Temporal's own part is 1.5 MB, zod 1.1 MB.
      assert.ok(code.length < 5_000_000, `${code.length} characters`);
      for (const name of forbidden) assert.ok(!code.includes(name), `it holds ${name}`);
    });
});
