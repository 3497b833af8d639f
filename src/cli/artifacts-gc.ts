/** `trainyard artifacts gc`. @module */
import { Command } from 'commander';
import { collectGarbage, type Collected, type Kept } from '../housekeeping/collect.js';
import { age, bytes } from './figures.js';
import { span } from './numbers.js';
import { progressLine, type StoreFlags, withStore, withStoreFlags, write } from './store-session.js';

interface GcFlags extends StoreFlags {
  readonly dryRun?: boolean;
  readonly grace: number;
  readonly keepRuns: number;
}

type Action = Collected['action'];

/** Each line of the table, and how many single things of it are listed. */
const lines: Readonly<Record<Action, string>> = {
  forget: 'closed runs that are no longer kept: their logs, checkpoints and curves go',
  remove: 'records of start-up tests',
  condemn: 'objects that nothing needs: laid aside',
  discard: 'objects that were laid aside by an earlier collection: deleted',
  restore: 'objects that were laid aside and are needed: brought back',
};
const mostListed = 10;

/** Two collections remove an object: one lays it aside, a later one deletes it. */
export function artifactsGcCommand(): Command {
  return withStoreFlags(new Command('gc'))
    .description('collect garbage: what no head, no kept run and no history needs')
    .option('--dry-run', 'say what would go, and remove nothing')
    .option('--grace <time>', 'younger objects stay; those laid aside are deleted after as long', span, span('24h'))
    .option('--keep-runs <time>', 'records of closed runs stay so long', span, span('30d'))
    .addHelpText('after', '\nExample:\n  trainyard artifacts gc --dry-run --keep-runs 90d')
    .action(async (flags: GcFlags) => {
      await withStore(flags, async ({ store, temporal }) => {
        const table = new Table();
        const collection = collectGarbage({
          store,
          temporal,
          graceMs: flags.grace,
          keepRunsMs: flags.keepRuns,
          dryRun: flags.dryRun ?? false,
          onProgress: progressLine,
        });
        let next = await collection.next();
        for (; next.done !== true; next = await collection.next())
          if (flags.json) write(JSON.stringify(next.value));
          else table.add(next.value);
        progressLine();
        if (flags.json) write(JSON.stringify({ action: 'kept', ...next.value }));
        else for (const line of table.lines(next.value, flags)) write(line);
      });
    });
}

/** Counts and sizes by action, with the first of each. */
class Table {
  readonly #rows = new Map<Action, { count: number; sizeBytes: number; listed: string[] }>();

  add(collected: Collected): void {
    const row = this.#rows.get(collected.action) ?? { count: 0, sizeBytes: 0, listed: [] };
    this.#rows.set(collected.action, row);
    row.count++;
    row.sizeBytes += collected.sizeBytes;
    if (row.listed.length < mostListed) row.listed.push(wordsOf(collected));
  }

  lines(kept: Kept, { dryRun = false }: GcFlags): string[] {
    const words: string[] = [];
    for (const [action, { count, sizeBytes, listed }] of this.#rows) {
      words.push(`${String(count).padStart(7)}  ${bytes(sizeBytes).padStart(8)}  ${lines[action]}`);
      words.push(...listed.map((one) => `                     ${one}`));
      if (count > listed.length) words.push(`                     and ${count - listed.length} more`);
    }
    words.push(
      `kept: ${kept.referenced} objects that are needed, ${kept.young} too young, ${kept.waiting} laid aside for now; ${kept.runs} runs`,
    );
    if (kept.damaged > 0)
      words.push(`${kept.damaged} documents could not be read, and may name more: trainyard artifacts verify`);
    if (dryRun) words.push('nothing was removed');
    return words;
  }
}

function wordsOf(collected: Collected): string {
  if (collected.action === 'remove') return collected.key;
  if (collected.action === 'forget')
    return `${collected.workflowId}: ${collected.records} records, newest attempt ${age(Date.now() - collected.newestMs)} ago`;
  return `${collected.sha256.slice(0, 12)}  ${bytes(collected.sizeBytes).padStart(8)}  ${age(Date.now() - collected.writtenMs)}`;
}
