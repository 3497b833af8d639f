/** How an approval of a run ended, as a record in the store: what was shown, who decided what, and why. @module */
import { z } from 'zod';
import { Actor } from './actors.js';
import { Sha256 } from './refs.js';

/** One person's word on an approval. */
export const PersonalDecision = z.object({
  by: Actor,
  verdict: z.enum(['approved', 'rejected']),
  reason: z.string(),
  at: z.iso.datetime(),
});
export type PersonalDecision = z.output<typeof PersonalDecision>;

/** The record of an approval that has ended, at `decisions/<binding>.json`: its binding follows from its own words. */
export const DecisionRecord = z.object({
  workflowId: z.string(),
  runId: z.string(),
  /** Workflow type of the run. */
  pipeline: z.string(),
  /** Of the question: `<name>-<n>`. */
  id: z.string(),
  /** Of the approval, as the pipeline declares it. */
  name: z.string(),
  /** Who started the run; absent where nobody said so. */
  author: Actor.optional(),
  /** What the deciders were shown. */
  evidence: z.json(),
  evidenceDigest: Sha256,
  expiresAt: z.iso.datetime(),
  verdict: z.enum(['approved', 'rejected', 'expired']),
  /** In the order in which they were made; of an expired approval those that came before. */
  decisions: z.array(PersonalDecision),
  /** When the approval ended. */
  at: z.iso.datetime(),
});
export type DecisionRecord = z.output<typeof DecisionRecord>;
