/** How the stages of a pool change names: they ask the entity. @module */
import type { EntityAccess } from '../context/entity-access.js';
import { changeEntity, type EntityHost } from '../client/change-entity.js';

/** Asks the entities of a project. */
export function askingEntities(host: EntityHost): EntityAccess {
  return {
    change: (contract, name, change, { id, by, reason }) =>
      changeEntity(host, contract, name, change, { requestId: id, by, reason }),
  };
}
