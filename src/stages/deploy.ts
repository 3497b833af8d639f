/** The stage `deploy`: a model behind an endpoint, compared with its trainer before the stage is done. @module */
import { z } from 'zod';
import type { RowSchema } from '../contracts/columns.js';
import type { PoolName } from '../contracts/define-project.js';
import { Scalar } from '../contracts/parity.js';
import { ModelRef, Ref } from '../contracts/refs.js';
import { type StageFamily, type StandardOptions, standardStage } from './standard-stage.js';

/** What `deployStage` takes. */
export interface DeployOptions<
  Input extends RowSchema,
  Output extends RowSchema,
  Name extends string,
  Pool extends PoolName,
> extends StandardOptions<Name, Pool> {
  /** Rows that the endpoint is asked about. */
  readonly input: Input;
  /** What it answers for a row. */
  readonly output: Output;
}

/** What `deploy` gives. */
export const DeploymentResult = z.object({
  /** Address of the model, in the Open Inference Protocol: `http://127.0.0.1:8080/v2/models/flight-delays`. */
  endpoint: z.url(),
  /** The version that answers there. */
  generation: z.int().positive(),
  /** One row and what the endpoint answered. */
  smoke: z.object({ input: z.record(z.string(), Scalar), output: z.record(z.string(), Scalar) }),
  /** The greatest difference between the trainer's outputs and the endpoint's, asked in JSON and in binary. */
  parity: z.object({ rows: z.int().positive(), maxAbsDifference: z.number().nonnegative() }),
});
export type DeploymentResult = z.output<typeof DeploymentResult>;

/** Of which kind the input of any contract that {@link deployStage} makes is: what implementations rely on. */
export interface DeployInput {
  readonly model: ModelRef;
  readonly endpoint: string;
  readonly parity: Ref;
}

/** Any contract that {@link deployStage} makes. */
export type DeployContract = StageFamily<DeployInput, typeof DeploymentResult>;

/**
 * A contract of the stage `deploy`; `deployModel` implements it. Input: the model, the name of the endpoint, and `parity`:
 * the `ParitySamples` that the train stage left beside the model.
 * @example
 * export const deploy = deployStage({ input: Flight, output: z.object({ probability: z.number() }) });
 * // in a pipeline: const { endpoint } = await stages.deploy({ model, parity, endpoint: 'flight-delays' });
 */
export function deployStage<
  Input extends RowSchema,
  Output extends RowSchema,
  const Name extends string = 'deploy',
  const Pool extends PoolName = 'cpu',
>(options: DeployOptions<Input, Output, Name, Pool>) {
  return standardStage({ name: 'deploy', pool: 'cpu' }, options, {
    description: 'Deploys a model behind an endpoint and compares it with its trainer',
    input: z.object({
      model: ModelRef.of({ input: options.input, output: options.output }),
      endpoint: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'letters, digits, "-" and "_", a letter first'),
      parity: Ref,
    }),
    output: DeploymentResult,
  });
}
