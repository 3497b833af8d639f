/** Recorded histories against today's pipelines: code that runs were started on must go on deciding the same. @module */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { replayAll } from '../../src/testing/replay-all.js';
import { interceptorModule } from '../../src/worker/bundle.js';
import { quietRuntime } from '../support/engine.js';

// Histories are not compiled: they lie in the sources, two folders up from dist/test.
const source = (path: string) => fileURLToPath(new URL(`../../../test/replay/${path}`, import.meta.url));
const built = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const small = built('test/integration/project/workflows.js');

/** Whose pipelines the histories of a folder are. */
const projects: ReadonlyMap<string, string> = new Map([
  ['small', small],
  ['examples', built('examples/workflows.js')],
  ['tenants', built('test/entities/workflows.js')],
  ['entities', built('test/replay/entity-workflows.js')],
]);

describe('a recorded history', function () {
  this.timeout(120_000);
  before(quietRuntime);

  for (const release of readdirSync(source('histories')))
    for (const project of readdirSync(source(`histories/${release}`)))
      it(`of release ${release}, of a pipeline of the project "${project}", is what its code does today`, async () => {
        const workflowsPath = projects.get(project) ?? assert.fail(`no workflows are named for the project ${project}`);
        const replays = await replayAll({ workflowsPath, folder: source(`histories/${release}/${project}`) });
        for (const { file, problem } of replays) assert.equal(problem, undefined, file);
      });

  it('goes through JSON and back, and replays from JSON: one copy of protobufjs serves all of Temporal', async () => {
    const file = source('histories/0.1.0/small/counting.json');
    const json: unknown = JSON.parse(await readFile(file, 'utf8'));
    const again: unknown = JSON.parse(historyToJSON(historyFromJSON(json)));
    assert.deepEqual(historyToJSON(historyFromJSON(again)), historyToJSON(historyFromJSON(json)));
    await Worker.runReplayHistory(
      { workflowsPath: small, interceptors: { workflowModules: [interceptorModule] } },
      json,
    );
  });

  it('needs protobufjs as a dependency of our own', async () => {
    const manifest = new URL('../../../package.json', import.meta.url);
    const { dependencies } = JSON.parse(await readFile(manifest, 'utf8')) as { dependencies: Record<string, string> };
    assert.ok('protobufjs' in dependencies);
    const own = createRequire(manifest);
    const ofTemporal = createRequire(own.resolve('@temporalio/proto'));
    assert.equal(ofTemporal.resolve('protobufjs'), own.resolve('protobufjs'));
    assert.ok(existsSync(own.resolve('protobufjs')));
  });
});
