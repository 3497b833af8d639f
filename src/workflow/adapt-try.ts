/** The outer loop's decision: how a stage call is tried again after a failure that the same input would meet again. @module */
import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import type { AdaptableClass } from '../contracts/adaptations.js';
import { canonicalJson } from '../contracts/canonical-json.js';
import type { StageContract } from '../contracts/define-stage.js';
import { FailureDetails } from '../contracts/envelope.js';
import { messageOf } from '../contracts/errors.js';
import { type FailureClass, failureClasses } from '../contracts/failure-classes.js';
import { checked } from './checked.js';

/** What one generation of a stage call is scheduled with. */
export interface Try {
  readonly input: Readonly<Record<string, unknown>>;
  readonly pool: string;
  readonly rollBack?: number;
  /** What is different from the generation before, and why. */
  readonly adaptation?: string;
}

/** How often each class has been adapted to in one call. */
export type Adapted = Partial<Record<AdaptableClass, number>>;

/**
 * The next try, as the contract declares it, and counts it in `adapted`; undefined where the contract has no answer, or has given it
 * often enough. Decides from the failure's type and evidence alone, so that replay decides the same.
 */
export function adaptTry(contract: StageContract, last: Try, error: unknown, adapted: Adapted): Try | undefined {
  const failure = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(failure instanceof ApplicationFailure) || !isAdaptable(failure.type)) return undefined;
  const { type } = failure;
  const adaptation = contract.adaptations[type];
  const n = (adapted[type] ?? 0) + 1;
  if (adaptation === undefined || n > adaptation.atMost) return undefined;
  const details = FailureDetails.safeParse(failure.details?.[0]);
  const where = `stage ${contract.name}: its adaptation to ${type}`;
  let change;
  try {
    change = adaptation.adapt(last.input as never, n, details.success ? details.data.evidence : {});
  } catch (cause) {
    throw ApplicationFailure.create({
      message: `${where} threw ${messageOf(cause)}. Mend the contract. [TY1003]`,
      type: 'ContractViolation',
      nonRetryable: true,
      cause: error as Error,
    });
  }
  if (change === undefined) return undefined;
  adapted[type] = n;
  const { pool = last.pool, rollBack = 0 } = change;
  const input = checked(contract.input, change.input ?? last.input, `${where}: input`);
  const changes = [
    ...changesOf(last.input, input),
    ...(pool === last.pool ? [] : [`pool ${last.pool} → ${pool}`]),
    ...(rollBack === 0 ? [] : [`${rollBack} ${rollBack === 1 ? 'checkpoint' : 'checkpoints'} back`]),
  ];
  return { input, pool, rollBack, adaptation: `${type}: ${changes.join(', ') || 'as before'}` };
}

function isAdaptable(type: string | undefined | null): type is AdaptableClass {
  // The key is looked up in the same expression.
  return typeof type === 'string' && type in failureClasses && failureClasses[type as FailureClass].loop === 'outer';
}

/** Top-level fields that differ: `batch 128 → 64`. */
function changesOf(before: Try['input'], after: Try['input']): string[] {
  const told = (value: unknown) => (value === undefined ? 'nothing' : canonicalJson(value));
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((name) => ({ name, from: told(before[name]), to: told(after[name]) }))
    .filter(({ from, to }) => from !== to)
    .map(({ name, from, to }) => (from.length + to.length > 60 ? `${name} changed` : `${name} ${from} → ${to}`));
}
