/** Collects garbage again and again until it is killed; says so before each collection. @module */
import { openStore } from '../../src/artifacts/open-store.js';
import { collectGarbage } from '../../src/housekeeping/collect.js';

const [uri = '', graceMs = '', baseFolder = ''] = process.argv.slice(2);
const store = await openStore(uri, { baseFolder });
const temporal = { runs: [], oldestAttemptMs: Infinity, retentionMs: 0, refs: () => (async function* () {})() };
for (;;) {
  process.send?.('collecting');
  const options = { store, temporal, graceMs: Number(graceMs), keepRunsMs: 0, dryRun: false };
  const collection = collectGarbage(options);
  while ((await collection.next()).done !== true);
}
