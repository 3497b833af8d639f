/** The pipeline contracts of the project. @module */
export { flightDelays } from './01-flight-delays/contracts.js';
