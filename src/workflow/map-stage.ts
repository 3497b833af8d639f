/** `mapStage`: one stage over many items, typed, of any number. @module */
import { ApplicationFailure } from '@temporalio/workflow';
import type { StageContract, StageInput, StageOutput } from '../contracts/define-stage.js';
import { mapWorkflow } from '../contracts/names.js';
import { AnyListRef, type ListRef } from '../contracts/refs.js';
import { callStage } from './call-stage.js';
import { checked } from './checked.js';
import { onBoard } from './map-board.js';
import { type ItemResult, type OnFailure, runItems } from './map-items.js';
import { mapList } from './map-list.js';
import { drawStageKey } from './stage-key.js';
import { type ProxiedStage, proxiedStage, type StageProxy } from './proxy-stages.js';

/** Options of {@link mapStage}. */
export interface MapOptions {
  /** Items at a time, over the whole map. @default 50 */
  readonly concurrency?: number;
  /** `fail`: the first item that fails ends the map. `collect`: the others go on, and the failures are among the results. @default 'fail' */
  readonly onFailure?: OnFailure;
}

/** The results of a map over a list: a list in the same order, and how many items failed. */
export interface MappedList<Output> {
  readonly results: ListRef<Output>;
  readonly failed: number;
}

/** More items make a history that nobody can read, and that Temporal ends. */
const mostInArray = 500;

/**
 * Runs a stage for each item, `concurrency` at a time; results are in the order of the items. An array has at most 500 items, whose calls
 * stand in this run's history. A `ListRef` has any number: workflows of its parts take at most 1,000 items each and leave their results in
 * the store. Items that are done are never run again, whatever is killed.
 * @example
 * const scores = await mapStage(stages.score, files.map((file) => ({ file })), { concurrency: 20 });
 * const { results, failed } = await mapStage(stages.score, list, { onFailure: 'collect' });
 */
export function mapStage<Contract extends StageContract>(
  stage: StageProxy<Contract>,
  items: readonly StageInput<Contract>[],
  options?: MapOptions & { readonly onFailure?: 'fail' },
): Promise<StageOutput<Contract>[]>;
export function mapStage<Contract extends StageContract>(
  stage: StageProxy<Contract>,
  items: readonly StageInput<Contract>[],
  options: MapOptions & { readonly onFailure: 'collect' },
): Promise<ItemResult<StageOutput<Contract>>[]>;
export function mapStage<Contract extends StageContract>(
  stage: StageProxy<Contract>,
  items: ListRef<StageInput<Contract>>,
  options?: MapOptions & { readonly onFailure?: 'fail' },
): Promise<MappedList<StageOutput<Contract>>>;
export function mapStage<Contract extends StageContract>(
  stage: StageProxy<Contract>,
  items: ListRef<StageInput<Contract>>,
  options: MapOptions & { readonly onFailure: 'collect' },
): Promise<MappedList<ItemResult<StageOutput<Contract>>>>;
export async function mapStage(
  stage: StageProxy<StageContract>,
  items: unknown,
  { concurrency = 50, onFailure = 'fail' }: MapOptions = {},
): Promise<unknown> {
  const proxied = proxiedStage(stage);
  if (proxied === undefined) throw violation('mapStage takes a stage that proxyStages has made');
  const { name } = proxied.contract;
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw violation(`the map over stage ${name}: concurrency must be a whole number from 1 on, got ${concurrency}`);
  if (Array.isArray(items)) return mapArray(proxied, items, concurrency, onFailure);
  const list = checked(AnyListRef, items, `the map over stage ${name}: items`);
  const mapped = await mapList({ ...proxied, list, concurrency, onFailure, id: drawStageKey(mapWorkflow) });
  return { results: mapped.list, failed: mapped.failed };
}

async function mapArray(
  { contract, options }: ProxiedStage,
  items: readonly unknown[],
  concurrency: number,
  onFailure: OnFailure,
): Promise<unknown[]> {
  const { name } = contract;
  const total = items.length;
  if (total > mostInArray)
    throw violation(`the map over stage ${name} has ${total} items, an array at most ${mostInArray}: pass a ListRef`);
  // A wrong item is found before anything is scheduled.
  items.forEach((item, index) => checked(contract.input, item, `the map over stage ${name}: item ${index}`));
  const id = drawStageKey(mapWorkflow);
  let given = 0;
  return onBoard({ id, stage: name, pool: options.pool ?? contract.pool, total }, (count) =>
    runItems({
      stage: name,
      next: () => (given < total ? { index: given, item: items[given++] } : undefined),
      call: (item, index) => callStage(contract, item, options, { map: id, index, total }),
      concurrency: Math.min(concurrency, total),
      onFailure,
      settled: (failed) => {
        count(1, Number(failed));
      },
    }),
  );
}

function violation(what: string): ApplicationFailure {
  return ApplicationFailure.create({ message: `${what}. [TY1003]`, type: 'ContractViolation', nonRetryable: true });
}
