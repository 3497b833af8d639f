/** The pipelines of the project: what its pipelines worker bundles. @module */
export { flightDelays } from './01-flight-delays/workflows.js';
