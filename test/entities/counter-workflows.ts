/** A counter as a workflow. @module */
import { autoUpgrade } from '../../src/workflow/auto-upgrade.js';
import { serveEntity } from '../../src/workflow/serve-entity.js';
import type { CarriedStanding, Standing } from '../../src/contracts/entities.js';
import { counters } from './counters.js';

function counter(carried?: CarriedStanding, recent?: Standing['recent']): Promise<never> {
  return serveEntity(counters, carried, recent);
}
autoUpgrade(counter);

export { counter as 'trainyard:counters' };
