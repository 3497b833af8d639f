/** From a stage contract to a stage that runs: a light handler in the worker, or a trainer in a child process. @module */
import type { DevicePool } from '../contracts/define-project.js';
import type { StageContract } from '../contracts/define-stage.js';
import type { ContextOf, ResultOf } from '../trainer/define-trainer.js';
import { callingModule } from './code-source.js';
import { nodeModule, type TrainerCommand } from '../trainer/trainer-command.js';

/** The code of a stage that is light enough for the worker's own event loop. */
export interface StageHandler<Contract extends StageContract = StageContract> {
  readonly kind: 'handler';
  run(context: ContextOf<Contract>): Promise<ResultOf<Contract>>;
}

/** A contract with its code: what a pool's worker registers. */
export interface StageImplementation<Contract extends StageContract = StageContract> {
  readonly contract: Contract;
  readonly code: StageHandler<Contract> | TrainerCommand;
  /** Path of the module with its code; undefined where nothing tells. */
  readonly source: string | undefined;
}

/** Runs a stage in the worker's own process. */
export interface InWorker<Contract extends StageContract> {
  /**
   * The stage's code, in the worker: for work that mostly waits. It must not block the event loop, which carries the
   * heartbeats of every attempt of this worker.
   */
  with(handler: (context: ContextOf<Contract>) => Promise<ResultOf<Contract>>): StageImplementation<Contract>;
}

/** Runs a stage in a process of its own. */
export interface InChild<Contract extends StageContract> {
  /** A module whose default export is made by `defineTrainer`, or `python({ … })`, or `torchrun({ … })`. */
  inChild(trainer: URL | TrainerCommand): StageImplementation<Contract>;
}

/** Pools with a device run trainers in child processes only: an out-of-memory kill must not take the worker along. */
export type StageImplementer<Contract extends StageContract> = InChild<Contract> &
  (Contract['pool'] extends DevicePool ? unknown : InWorker<Contract>);

/**
 * Gives a stage its code, in two steps so that literal types stay narrow.
 * @example
 * export const evaluateChurn = implementStage(evaluate).with(async ({ input, data }) => ({ auc: … }));
 * export const trainChurn = implementStage(train).inChild(new URL('./train-churn.js', import.meta.url));
 */
export function implementStage<Contract extends StageContract>(contract: Contract): StageImplementer<Contract> {
  const implementer: InChild<Contract> & InWorker<Contract> = {
    with: (handler) => ({ contract, code: { kind: 'handler', run: handler }, source: callingModule() }),
    inChild: (trainer) => {
      const code = trainer instanceof URL ? nodeModule(trainer) : trainer;
      return { contract, code, source: code.source };
    },
  };
  return implementer;
}
