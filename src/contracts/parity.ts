/** Rows with the trainer's own outputs: what a served model has to agree with. @module */
import { z } from 'zod';

/** A value of a column, as JSON carries it; null is missing. Timestamps are ISO 8601 instants. */
export const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type Scalar = z.output<typeof Scalar>;

/** Behind the `parity` ref of a deployment: written by the train stage, as JSON. */
export const ParitySamples = z.object({
  version: z.literal(1),
  /** Digest of the model's manifest that made the outputs. */
  model: z.string(),
  /** Raw rows with the model's input columns; 1,000 where the dataset has as many. */
  rows: z.array(z.record(z.string(), Scalar)).min(1),
  /** What the trainer computed for the rows, by output column, in their order; null for NaN. */
  outputs: z.record(z.string(), z.array(z.number().nullable())),
});
export type ParitySamples = z.output<typeof ParitySamples>;
