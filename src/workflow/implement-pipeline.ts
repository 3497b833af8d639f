/** A pipeline: a contract and a function make a plain Temporal workflow. @module */
import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';
import type { z } from 'zod';
import type { PipelineContract, PipelineInput } from '../contracts/define-pipeline.js';
import { acceptDecisions, type AskForApproval } from './approvals.js';
import { checked } from './checked.js';
import { continueOnNewest } from './continue-on-newest.js';
import { expectPlace } from './place.js';
import { isAsking } from './questions.js';
import { acceptRaises } from './run-budget.js';

/** What a pipeline's function is given beside its input. */
export interface PipelineRun<Approval extends string = string, Input = unknown, WithPolicy extends string = never> {
  readonly workflowId: string;
  readonly runId: string;
  /** Shows the evidence and waits for people, until the expiry at most. */
  readonly approval: AskForApproval<Approval, WithPolicy>;
  /**
   * For loops without an end, once a round, while no stage is in flight: where the history has grown long (Temporal suggests it, by default at 4,096
   * events), the run goes on as a new one of the same id with the input that `next` gives, and this never returns. It waits for handlers of Updates
   * and signals first, and calls `next` after them; the new run begins on the version of the code that is then current, and is pinned to it; while an approval is open it lets the loop go on.
   * @example
   * for (let { seen } = input; ; seen++) {
   *   await stages.monitor({ … });
   *   await sleep('1 hour');
   *   await run.continueWhenLong(() => ({ ...input, seen: seen + 1 }));
   * }
   */
  continueWhenLong(next: () => Input): Promise<void>;
}

/** A pipeline's function: calls stages through `proxyStages`, and anything of `@temporalio/workflow`. */
export type PipelineBody<Contract extends PipelineContract> = (
  run: PipelineRun<Contract['approvals'][number], PipelineInput<Contract>, Extract<keyof Contract['policies'], string>>,
  input: z.output<Contract['input']>,
) => Promise<z.input<Contract['output']>>;

/**
 * Implements a pipeline contract. The result is a workflow function: export it under the contract's name from the file
 * of workflows. Input and output are checked against the contract.
 * @example
 * export const churnTraining = implementPipeline(contracts.churnTraining).with(async (run, input) => { … });
 */
export function implementPipeline<Contract extends PipelineContract>(
  contract: Contract,
): { with(body: PipelineBody<Contract>): (input: PipelineInput<Contract>) => Promise<z.output<Contract['output']>> } {
  return {
    with(body) {
      const workflow = async (input: PipelineInput<Contract>) => {
        const approval = acceptDecisions<Contract['approvals'][number], Extract<keyof Contract['policies'], string>>(
          contract,
        );
        const untilPlace = expectPlace();
        acceptRaises();
        const parsed = checked(contract.input, input, `pipeline ${contract.name}: input`);
        if (untilPlace) await untilPlace();
        const { workflowId, runId } = workflowInfo();
        const continueWhenLong = async (next: () => PipelineInput<Contract>) => {
          if (!workflowInfo().continueAsNewSuggested || isAsking()) return;
          await condition(allHandlersFinished);
          const input = checked(contract.input, next(), `pipeline ${contract.name}: input of its next run`);
          await continueOnNewest(input); // throws
        };
        const run = { workflowId, runId, approval, continueWhenLong };
        const output = await body(run, parsed as z.output<Contract['input']>);
        return checked(contract.output, output, `pipeline ${contract.name}: output`) as z.output<Contract['output']>;
      };
      // executeChild and continueAsNew take a workflow's type from the function's name.
      return Object.defineProperty(workflow, 'name', { value: contract.name });
    },
  };
}
