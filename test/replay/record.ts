/**
 * Records the history of a run for the replay tests:
 * `node dist/test/replay/record.js <project folder> <run> test/replay/histories/next/<project>/<name>.json`. @module
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withSession } from '../../src/cli/session.js';
import { writeHistory } from './write-history.js';

const [project = '', run = '', target = ''] = process.argv.slice(2);
await withSession({ project }, async ({ pipelines }) => {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-record-'));
  try {
    await (await pipelines.find(run)).export(join(folder, 'run'));
    const history: unknown = JSON.parse(await readFile(join(folder, 'run', 'history.json'), 'utf8'));
    await writeHistory(target, history);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
