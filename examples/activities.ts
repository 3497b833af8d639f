/** The stages of the project: what its pools' workers register. @module */
export * as flightDelays from './01-flight-delays/activities.js';
