/**
 * Records the history of a run for the replay tests:
 * `node dist/test/replay/record.js <project folder> <run> test/replay/histories/next/<project>/<name>.json`. @module
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withSession } from '../../src/cli/session.js';

const [project = '', run = '', target = ''] = process.argv.slice(2);
await withSession({ project }, async ({ pipelines }) => {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-record-'));
  try {
    await (await pipelines.find(run)).export(join(folder, 'run'));
    const history: unknown = JSON.parse(await readFile(join(folder, 'run', 'history.json'), 'utf8'));
    await writeFile(target, `${JSON.stringify(history, nameless, 1)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Who ran it, on which machine and in which folder is nobody's business, and a replay does not ask. */
function nameless(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return undefined;
  if (typeof value !== 'string') return value;
  if (key === 'data') return Buffer.from(anonymous(Buffer.from(value, 'base64').toString())).toString('base64');
  return anonymous(value);
}

function anonymous(text: string): string {
  return text.replaceAll(process.cwd(), '/project').replaceAll(/\b\d+@[\w.-]+/g, '1@recorded');
}
