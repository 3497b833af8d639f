/** Loaded before a replay's runs, whose `Error` is frozen: ten frames end within Temporal's own, far from the pipeline's line. @module */
(Error as ErrorConstructor & { stackTraceLimit: number }).stackTraceLimit = 50; // V8's, not ECMAScript's

export {};
