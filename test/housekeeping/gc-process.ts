/** Collects garbage again and again until it is killed; says so before each collection. @module */
import { openFileStore } from '../../src/artifacts/file-store.js';
import { collectGarbage } from '../../src/housekeeping/collect.js';

const [root = '', graceMs = ''] = process.argv.slice(2);
const store = await openFileStore(root);
const temporal = { runs: [], oldestAttemptMs: Infinity, retentionMs: 0, refs: () => (async function* () {})() };
for (;;) {
  process.send?.('collecting');
  const options = { store, temporal, graceMs: Number(graceMs), keepRunsMs: 0, dryRun: false };
  const collection = collectGarbage(options);
  while ((await collection.next()).done !== true);
}
