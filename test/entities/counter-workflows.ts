/** A counter as a workflow. @module */
import { autoUpgrade } from '../../src/workflow/auto-upgrade.js';
import { changeName } from '../../src/workflow/change-name.js';
import { serveEntity } from '../../src/workflow/serve-entity.js';
import type { CarriedStanding, Standing } from '../../src/contracts/entities.js';
import { counters } from './counters.js';

function counter(carried?: CarriedStanding, recent?: Standing['recent']): Promise<never> {
  return serveEntity(counters, carried, recent);
}
autoUpgrade(counter);

export { counter as 'trainyard:counters' };

/** Changes a counter as a pipeline does. */
export async function count(name: string, ...numbers: readonly number[]): Promise<number[]> {
  const values: number[] = [];
  for (const add of numbers) values.push(await changeName(counters, name, { add }, { reason: 'the run counts' }));
  return values;
}
