/** What every pipelines worker runs: the project's workflows, and Trainyard's own beside them. @module */
import * as userWorkflows from 'trainyard-user-workflows';

// Trainyard's own have a colon in their name, which no function has: they take no name away.
export * from 'trainyard-user-workflows';
export { claim as 'trainyard:claim' } from './claim.js';
export { endpoint as 'trainyard:endpoints' } from './endpoint.js';
export { loop as 'trainyard:loops' } from './loop.js';
export { map as 'trainyard:map' } from './map.js';
export { model as 'trainyard:models' } from './model.js';
export { rollout as 'trainyard:rollouts' } from './rollout.js';
export { slices as 'trainyard:slices' } from './slices.js';
export { monitor as 'trainyard:monitors' } from './monitor.js';
export { tenant as 'trainyard:tenant' } from './tenant.js';
export { tick as 'trainyard:tick' } from './tick.js';

// Temporal's workflow for every type that has no function of its own, where the project has one; `export *` leaves it out.
export default Reflect.get(userWorkflows, 'default') as unknown;
