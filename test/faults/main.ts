/**
 * Breaks what can break, and counts what survives it: docs/reliability.md.
 *
 *     npm run faults [-- --only N[,M] --seed S --trials T --trial K --json --keep]
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { faults } from './all.js';
import { type FaultResult, runFault, SharedLab } from './support/run-fault.js';

const Count = z.string().regex(/^\d+$/, 'must be a whole number').transform(Number);
const Flags = z.object({
  only: z
    .string()
    .transform((list) => list.split(',').map((number) => Count.parse(number)))
    .optional(),
  seed: Count.pipe(z.number().max(2 ** 32 - 1)).default(Math.floor(Math.random() * 2 ** 32)),
  trials: Count.pipe(z.number().positive()).optional(),
  trial: Count.optional(),
  json: z.boolean().default(false),
  keep: z.boolean().default(false),
});

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string' },
    trials: { type: 'string' },
    trial: { type: 'string' },
    json: { type: 'boolean' },
    keep: { type: 'boolean' },
  },
});
const { only, seed, trials, trial, json, keep } = Flags.parse(values);
for (const number of only ?? [])
  if (!faults.some((fault) => fault.number === number)) throw new Error(`there is no fault ${number}`);
const chosen = faults.filter(({ number }) => only?.includes(number) ?? true);

const tell = (line: string) => process.stderr.write(`${line}\n`);
tell(`seed ${seed}`);
const shared = new SharedLab();
process.once('SIGINT', () => void shared.close().finally(() => process.exit(130)));
for (const fault of chosen) {
  const missing = await fault.missing?.();
  if (missing !== undefined) {
    tell(`${fault.number} ${fault.name}: not tried here: ${missing}`);
    continue;
  }
  const wanted = trial === undefined ? [...Array(trials ?? fault.trials).keys()] : [trial];
  const result = await runFault(fault, shared, {
    seed,
    trials: wanted,
    keep,
    onFailure: ({ trial: index, what }) => {
      tell(`fault ${fault.number}, trial ${index}: ${what}`);
      tell(`  again: npm run faults -- --only ${fault.number} --seed ${seed} --trial ${index}`);
    },
  });
  print(result);
  if (result.survived < result.trials) process.exitCode = 1;
}
await shared.close();
process.exit(); // clients of trials that failed may still wait

function print({ fault, name, seconds, failures, ...counts }: FaultResult): void {
  const line = { fault, name, ...counts, ...(failures.length > 0 ? { seed, failures } : {}) };
  if (json) process.stdout.write(`${JSON.stringify(line)}\n`);
  else
    process.stdout.write(
      `${String(fault).padStart(2)}  ${name.padEnd(56)} ${`${counts.survived} of ${counts.trials}`.padStart(14)} ${`${seconds} s`.padStart(9)}\n`,
    );
}
