/** The pipeline contracts of the project. @module */
export { flightDelays } from './01-flight-delays/contracts.js';
export { digits } from './02-digits-preempted/contracts.js';
export { penguins } from './03-approval/contracts.js';
export { flightMonitor, flightRetraining, shuffledFlights } from './04-flight-retraining/contracts.js';
