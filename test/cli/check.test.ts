/** `trainyard check`: runs of the code before, open and closed, against code that changed. @module */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { PipelineClient } from '../../src/client/pipeline-client.js';
import { defineProject } from '../../src/contracts/define-project.js';
import { type CommandEnd, jsonLines, runCommand } from '../support/cli.js';
import { testEngine } from '../support/engine.js';
import { startPipelinesWorker } from '../support/pipelines-worker.js';
import { until } from '../support/until.js';
import { promoting } from './upgraded/contracts.js';

const name = `upgraded-${randomUUID().slice(0, 8)}`;
const place = (module: string) => fileURLToPath(new URL(`./upgraded/${module}.js`, import.meta.url));
const projectOf = (workflows: string) =>
  defineProject({
    name,
    pools: { cpu: {} },
    tenants: { acme: { maxRuns: 2 } },
    modules: { contracts: place('contracts'), activities: place('activities'), workflows: place(workflows) },
  });

describe('trainyard check', function () {
  this.timeout(120_000);
  let folder: string;
  let env: Readonly<Record<string, string>>;
  let stop: () => Promise<void>;

  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'ty-check-')));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
    ({ env, stop } = await runsOfBefore());
  });
  after(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const check = (workflows: string, ...args: readonly string[]): Promise<CommandEnd> => {
    writeFileSync(
      join(folder, 'trainyard.config.js'),
      `export const project = ${JSON.stringify(projectOf(workflows))};`,
    );
    return runCommand(folder, ['check', ...args], env);
  };

  it('lets code pass that every run can go on with, entities of Trainyard among them', async () => {
    const { code, stdout, stderr } = await check('before', '--replay', 'live');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /build [0-9a-f]{16}; 3 replayed \(2 open, 1 closed\): none would break\n$/);
  });

  it('names the runs that changed code breaks, the first event, and the line of the code', async () => {
    const { code, stdout } = await check('after', '--replay', 'live', '--json');
    assert.equal(code, 1);
    const [open, closed, result] = jsonLines(stdout);
    const { event, problem, pinnedTo, ...rest } = open ?? {};
    assert.deepEqual(Object.keys(event ?? {}), ['id', 'type']);
    assert.match(String(pinnedTo), /^[0-9a-f]{16}$/);
    assert.match(String(problem), /Nondeterminism error/);
    assert.equal((event as { type: string }).type, 'WorkflowPropertiesModified');
    assert.deepEqual(
      { ...rest, runId: undefined, source: String(rest['source']).replace(/^.*(?=test\/cli)/, '') },
      {
        type: 'broken',
        workflowId: `${name}/open`,
        runId: undefined,
        pipeline: 'promoting',
        open: true,
        history: 'memo',
        code: 'activity audit',
        source: 'test/cli/upgraded/after.ts:10:15',
      },
    );
    assert.deepEqual([closed?.['workflowId'], closed?.['open']], [`${name}/closed`, false]);
    const { buildId, ...counts } = result ?? {};
    assert.match(String(buildId), /^[0-9a-f]{16}$/);
    assert.deepEqual(counts, {
      type: 'result',
      replayed: 3,
      open: 2,
      closed: 1,
      recorded: 0,
      skipped: 0,
      broken: 2,
      pinned: 2,
      ok: false,
    });
  });

  it('forgives runs that stay with the workers of their build where it is told to', async () => {
    const { code, stdout } = await check('after', '--replay', 'live', '--closed', '0', '--allow-pinned');
    assert.equal(code, 0);
    assert.match(
      stdout,
      /open \(open, pinned to build [0-9a-f]{16}\) would break\n {2}event \d+ WorkflowPropertiesModified: /,
    );
    assert.match(stdout, /\n {2}at .*after\.ts:10:15\n/);
    assert.match(stdout, /2 replayed \(2 open\): 1 would break, 1 of them only if the workers/);
  });

  it('lets the same change pass behind a patch', async () => {
    assert.equal((await check('guarded', '--replay', 'live')).code, 0);
  });

  it('replays a folder, and tells a file that is no history', async () => {
    const histories = join(folder, 'histories');
    mkdirSync(histories);
    const { client } = await testEngine();
    const history = await client.workflow.getHandle(`${name}/closed`).fetchHistory();
    writeFileSync(join(histories, 'closed.json'), historyToJSON(history));
    assert.equal((await check('before', '--replay', 'live', '--replay', 'histories')).code, 0);
    writeFileSync(join(histories, 'torn.json'), '{ "events": [');
    const { code, stdout } = await check('before', '--replay', 'histories');
    assert.equal(code, 1);
    assert.match(stdout, /^torn\.json would break\n.*histories\/torn\.json is not a history: .*\[TY2602\]\n/);
    assert.match(stdout, /2 replayed \(2 recorded\): 1 would break\n$/);
  });

  it('says what it cannot reach', async () => {
    const { code, stderr } = await check('before', '--replay', 'nowhere');
    assert.match(stderr, /no histories in nowhere: .*\[TY2601\]/);
    assert.equal(code, 2);
    const lost = await runCommand(folder, ['check', '--replay', 'live'], { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' });
    assert.match(lost.stderr, /127\.0\.0\.1:1.*\[TY1808\]/);
    assert.equal(lost.code, 1);
  });
});

/** One run that waits and one that is closed, of a tenant, on a worker that stays. */
async function runsOfBefore() {
  const { client, native, engine } = await testEngine();
  const project = projectOf('before');
  const store = new MemoryStore();
  const worker = await startPipelinesWorker(new URL('./upgraded/before.js', import.meta.url), { project, store });
  const pool = await Worker.create({
    connection: native,
    namespace: engine.namespace,
    taskQueue: `${name}/cpu`,
    activities: { train: () => ({ output: {}, attempts: 1, log: { uri: '', sha256: '', sizeBytes: 0 } }) },
  });
  const poolRuns = pool.run();
  const pipelines = new PipelineClient({ client, project: name, store });
  const [open, closed] = await Promise.all(
    ['open', 'closed'].map((workflowId) => pipelines.start(promoting, { workflowId, input: {}, tenant: 'acme' })),
  );
  for (const each of [open, closed]) await until(async () => (await each?.status())?.approvals.length === 1);
  await closed?.approve('go', { by: 'ada', reason: 'read' });
  await closed?.result();
  const env = { TEMPORAL_ADDRESS: engine.address, TEMPORAL_NAMESPACE: engine.namespace };
  await until(
    async () =>
      (await client.workflow.count(`WorkflowId = "${name}/closed" AND ExecutionStatus = "Completed"`)).count === 1,
  );
  return {
    env,
    stop: async () => {
      await client.workflow.getHandle(`${name}/open`).terminate();
      pool.shutdown();
      await Promise.all([worker.stop(), poolRuns]);
    },
  };
}
