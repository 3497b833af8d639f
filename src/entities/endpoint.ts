/** An endpoint: decides which revisions of a model it has and how its requests are shared out. @module */
import { endpoints } from '../contracts/endpoints.js';
import type { CarriedStanding, Standing } from '../contracts/entities.js';
import { autoUpgrade } from '../workflow/auto-upgrade.js';
import { serveEntity } from '../workflow/serve-entity.js';

/** The workflow `trainyard:endpoints`: one for each endpoint. */
export function endpoint(carried?: CarriedStanding, recent?: Standing['recent']): Promise<never> {
  return serveEntity(endpoints, carried, recent);
}

autoUpgrade(endpoint);
