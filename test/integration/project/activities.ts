/** The code of the project's stages. @module */
import { appendFile } from 'node:fs/promises';
import { implementStage } from '../../../src/activity/implement-stage.js';
import * as contracts from './contracts.js';
import { opened } from './gate.js';

export const prepare = implementStage(contracts.prepare).with(async ({ input, signal, progress }) => {
  progress(1, 2, 'seeds');
  await opened(input.gate, signal);
  return { seed: input.seed };
});

export const count = implementStage(contracts.count).inChild(new URL('./count-trainer.js', import.meta.url));

export const broken = implementStage(contracts.broken).with(() =>
  // What a JavaScript caller, or a cast, may do.
  Promise.resolve({ auc: 'high' } as unknown as { auc: number }),
);

export const read = implementStage(contracts.read).with(async ({ input, artifacts }) => ({
  // The contract's output is checked as JSON.
  value: (await artifacts.json(input.artifact)) as string,
}));

export const sum = implementStage(contracts.sum).with(async ({ input, artifacts, signal }) => {
  await appendFile(input.trace, 'summed\n');
  await opened(input.gate, signal);
  const total = input.numbers.reduce((one, other) => one + other, 0);
  return { sum: total, artifact: await artifacts.putJson({ total }) };
});
