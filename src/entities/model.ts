/** The workflow `trainyard:models`: the registry of one model. @module */
import type { CarriedStanding, Standing } from '../contracts/entities.js';
import { models } from '../contracts/model-registry.js';
import { autoUpgrade } from '../workflow/auto-upgrade.js';
import { serveEntity } from '../workflow/serve-entity.js';

export function model(carried?: CarriedStanding, recent?: Standing['recent']): Promise<never> {
  return serveEntity(models, carried, recent);
}
autoUpgrade(model);
