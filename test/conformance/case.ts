/** A case of conformance: something that a user does, whose histories must be the same on every engine. @module */
import type { WorkflowHandle } from '@temporalio/client';
import type { Stand } from './stand.js';

/** A file of `cases/` exports one. */
export interface Case {
  readonly name: string;
  /** Does it, and names the histories to compare; an Error when even the outcome is wrong. */
  readonly histories: (stand: Stand) => Promise<Readonly<Record<string, WorkflowHandle>>>;
}

/** The workflows that most cases use. */
export const workflows = new URL('./project/workflows.js', import.meta.url);
