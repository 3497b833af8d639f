/** The pipelines of the project: what its pipelines worker bundles. @module */
export { flightDelays } from './01-flight-delays/workflows.js';
export { digits } from './02-digits-preempted/workflows.js';
export { penguins } from './03-approval/workflows.js';
export { flightMonitor, flightRetraining, shuffledFlights } from './04-flight-retraining/workflows.js';
