/** `trainyard artifacts ls`. @module */
import { Command } from 'commander';
import { type Listed, takeInventory } from '../housekeeping/inventory.js';
import { age, bytes } from './figures.js';
import { type StoreFlags, withStore, withStoreFlags, write } from './store-session.js';

interface ListFlags extends StoreFlags {
  readonly kind?: string;
}

/** What heads, runs and their stages made, with sizes and ages. */
export function artifactsLsCommand(): Command {
  return withStoreFlags(new Command('ls'))
    .description('list artifacts by the run and stage that made them')
    .option('--run <id>', 'of one run: a workflow id, or the beginning of one')
    .option('--kind <kind>', 'dataset, model, report, checkpoint, tracked, log or file')
    .addHelpText('after', '\nExample:\n  trainyard artifacts ls --run churnTraining-20261121 --kind model')
    .action(async (flags: ListFlags) => {
      await withStore(flags, async ({ live }) => {
        const { artifacts, ...all } = await takeInventory({
          ...live,
          ...(flags.kind !== undefined && { kind: flags.kind }),
        });
        if (flags.json) {
          for (const artifact of artifacts) write(JSON.stringify(artifact));
          return;
        }
        let place = '';
        for (const artifact of artifacts.toSorted(byPlace)) {
          if (placeOf(artifact) !== place) write((place = placeOf(artifact)));
          write(line(artifact));
        }
        write(`${all.objects} objects in the store, ${bytes(all.sizeBytes)}`);
      });
    });
}

function byPlace(a: Listed, b: Listed): number {
  return placeOf(a).localeCompare(placeOf(b)) || (a.stage ?? '').localeCompare(b.stage ?? '');
}

function placeOf({ head, run, by }: Listed): string {
  if (head !== undefined) return `head ${head}`;
  return run === undefined ? by.slice(0, by.indexOf('/')) : `run ${run}`;
}

function line({ sha256, kind, name, sizeBytes, writtenMs, stage }: Listed): string {
  const old = writtenMs === undefined ? 'missing' : age(Date.now() - writtenMs);
  return `  ${sha256.slice(0, 12)}  ${kind.padEnd(10)} ${bytes(sizeBytes).padStart(8)} ${old.padStart(8)}  ${[stage, name].filter(Boolean).join(' ')}`;
}
