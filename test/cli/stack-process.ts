/** Owns a local stack, as an example does, with a training under way; ends it at Ctrl-C. @module */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { loadProject } from '../../src/config/load-project.js';
import { startLocalStack } from '../../src/cli/local-stack.js';
import { withClient, withEngine } from '../../src/cli/session.js';
import { counting } from '../integration/project/contracts.js';
import { until } from '../support/until.js';

const project = await loadProject();
const interrupted = once(process, 'SIGINT');
await withEngine(project, (engine) =>
  withClient(project, engine, async ({ pipelines }) => {
    const pools = ['pipelines', 'cpu', 'gpu'];
    const stack = await startLocalStack({ project, configFolder: project.folder, engine, pools, serve: true });
    const input = { steps: 2, holdAt: 2, gate: '/never/opened', heartbeatSeconds: 3 };
    await pipelines.start(counting, { workflowId: `stack-${process.pid}`, input });
    const server = stack.processes.find(({ name }) => name === 'serve');
    await until(async () => server !== undefined && /http/.test(await readFile(server.log, 'utf8')));
    process.stdout.write('serves: http\n');
    await interrupted;
    await stack.stop();
  }),
);
