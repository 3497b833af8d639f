/** The stages of the project: what its pools' workers register. @module */
export * as flightDelays from './01-flight-delays/activities.js';
export * as digits from './02-digits-preempted/activities.js';
export * as penguins from './03-approval/activities.js';
export * as flightRetraining from './04-flight-retraining/activities.js';
