/** One handler for every contract that a factory of `src/stages` makes. @module */
import { callingModule } from '../src/activity/code-source.js';
import type { StageHandler, StageImplementation } from '../src/activity/implement-stage.js';
import type { StageContract } from '../src/contracts/define-stage.js';

/** Implements `contract` by a handler of its `Family`: contracts of one family differ in the types of their rows alone. */
export function implementFamily<Family extends StageContract, Contract extends Family>(
  contract: Contract,
  run: StageHandler<Family>['run'],
): StageImplementation<Contract> {
  const implementation: StageImplementation<Family> = {
    contract,
    source: callingModule(),
    code: { kind: 'handler', run },
  };
  return implementation as unknown as StageImplementation<Contract>;
}
