/** What a stage changes before it is tried again, after a failure that the same input would meet again. @module */
import type { z } from 'zod';
import type { PoolName } from './define-project.js';
import type { FailureDetails } from './envelope.js';
import type { FailureClass, failureClasses } from './failure-classes.js';
import type { JsonObjectSchema } from './json-schema.js';

/** Failure classes that lead to the outer loop: the stage is scheduled anew, changed by its contract. */
export type AdaptableClass = {
  [Class in FailureClass]: (typeof failureClasses)[Class]['loop'] extends 'outer' ? Class : never;
}[FailureClass];

/** What is different in the next try. */
export interface Adapted<Input> {
  /** @default the input as it was */
  readonly input?: Input;
  /** @default the pool as it was */
  readonly pool?: PoolName;
  /** So many of the newest good checkpoints are passed over: what led to the failure may be in them. @default 0 */
  readonly rollBack?: number;
}

/** The answer to one class of failure. */
export interface Adaptation<Schema extends JsonObjectSchema = JsonObjectSchema> {
  /** The stage fails when this class comes once more. */
  readonly atMost: number;
  /**
   * Pure: it runs in the workflow, and again on replay. Undefined: nothing is left to change, the stage fails.
   * @param input what the failed try was given
   * @param n 1 for the first failure of this class in the call, 2 for the second …
   * @param evidence what showed the class
   */
  adapt(input: z.output<Schema>, n: number, evidence: FailureDetails['evidence']): Adapted<z.input<Schema>> | undefined;
}

/** Answers by failure class. */
export type Adaptations<Schema extends JsonObjectSchema = JsonObjectSchema> = Readonly<
  Partial<Record<AdaptableClass, Adaptation<Schema>>>
>;
