/** A trainer: the code of a stage that runs in a child process of its own. @module */
import type { z } from 'zod';
import type { StageContext } from '../context/stage-context.js';
import type { StageContract, StageState } from '../contracts/define-stage.js';

/** What a stage's code is given: the context typed by the stage's contract. */
export type ContextOf<Contract extends StageContract> = StageContext<
  z.output<Contract['input']>,
  StageState<Contract>,
  Contract['secrets'][number]
>;

/** What a stage's code returns: fields of the output that have defaults may be left out. */
export type ResultOf<Contract extends StageContract> = z.input<Contract['output']>;

/** The default export of a trainer's module. */
export interface Trainer<Contract extends StageContract = StageContract> {
  readonly contract: Contract;
  /** Trains and returns the stage's output. */
  run(context: ContextOf<Contract>): Promise<ResultOf<Contract>>;
}

/**
 * Declares the trainer of a stage; the module exports it as its default, and `implementStage(…).inChild(url)` names the module.
 * @example
 * export default defineTrainer(train, async ({ input, checkpoints, track, signal }) => {
 *   const last = await checkpoints.latest();
 *   …
 *   return { model, loss };
 * });
 */
export function defineTrainer<Contract extends StageContract>(
  contract: Contract,
  run: (context: ContextOf<Contract>) => Promise<ResultOf<Contract>>,
): Trainer<Contract> {
  return { contract, run };
}
