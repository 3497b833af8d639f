/** `trainyard artifacts verify`. @module */
import { Command } from 'commander';
import { verifyStore } from '../housekeeping/verify.js';
import { bytes } from './figures.js';
import { needWords, progressLine, type StoreFlags, withStore, withStoreFlags, write } from './store-session.js';

/** Exit code 1 when something is damaged or missing. */
export function artifactsVerifyCommand(): Command {
  return withStoreFlags(new Command('verify'))
    .description('read everything that is needed again, and name what is damaged and who needs it')
    .option('--run <id>', 'what one run needs: a workflow id, or the beginning of one')
    .addHelpText('after', '\nExample:\n  trainyard artifacts verify --run churnTraining-20261121')
    .action(async (flags: StoreFlags) => {
      await withStore(flags, async ({ live }) => {
        const { damages, ...read } = await verifyStore({
          ...live,
          onProgress: ({ objects, sizeBytes, records }) => {
            progressLine(`${objects} objects (${bytes(sizeBytes)}) and ${records} records read`);
          },
        });
        progressLine();
        if (damages.length > 0) process.exitCode = 1;
        if (flags.json) {
          write(JSON.stringify({ ...read, damages }));
          return;
        }
        for (const { what, problem, needs } of damages) {
          write(`damaged: ${what}: ${problem}`);
          for (const need of needs) write(`  needed by ${needWords(need)}`);
        }
        const found = damages.length === 0 ? 'all as they were stored' : `${damages.length} damaged or missing`;
        write(`${read.objects} objects (${bytes(read.sizeBytes)}) and ${read.records} records read: ${found}`);
      });
    });
}
