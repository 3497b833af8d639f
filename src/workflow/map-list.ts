/** A map over a list: workflows of its parts run the items, and leave their results in the store. @module */
import { executeChild, scheduleActivity, workflowInfo } from '@temporalio/workflow';
import type { StageContract } from '../contracts/define-stage.js';
import { joinListsActivity, pageBytes, putItemsActivity, readItemsActivity } from '../contracts/lists.js';
import { mapWorkflow } from '../contracts/names.js';
import type { ListRef } from '../contracts/refs.js';
import { callStage, type StageCallOptions } from './call-stage.js';
import { onBoard } from './map-board.js';
import { inLanes, type Item, type Next, type OnFailure, runItems } from './map-items.js';

/** A map over a list, or the part of one. */
export interface ListMap {
  readonly contract: StageContract;
  readonly options: StageCallOptions;
  readonly list: ListRef;
  readonly concurrency: number;
  readonly onFailure: OnFailure;
  /** Workflow ids of its parts begin with it. */
  readonly id: string;
}

/** What a part's workflow is given. */
export interface MapPart extends Omit<ListMap, 'contract'> {
  readonly stage: string;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** What became of a map, or of its part. */
export interface MappedPart {
  readonly list: ListRef;
  readonly failed: number;
}

/** Items that one history takes: 3.2 events each at 50 at a time, 6 at worst. */
const mostInPart = 1_000;
/** Parts that one history takes, about ten events each. */
const mostParts = 100;
/**
 * More at a time than this are shared out to parts that run side by side. Each workflow task takes what has completed since the last: at 50 at a time
 * one part costs 5.9 ms of CPU an item, server included, two of 25 cost 6.6.
 */
const lanesOfPart = 50;

/** Runs all items of a list. */
export function mapList(map: ListMap): Promise<MappedPart> {
  return mapRange(map, 0, map.list.count);
}

/** Runs the items of a part: itself, or where they are too many by parts of its own. */
export function mapPart(map: ListMap, from: number, to: number): Promise<MappedPart> {
  return to - from > mostInPart ? mapRange(map, from, to) : mapItems(map, from, to);
}

async function mapRange(map: ListMap, from: number, to: number): Promise<MappedPart> {
  const { contract, options, id, onFailure, list } = map;
  const { name } = contract;
  let size = mostInPart;
  while ((to - from) / size > mostParts) size *= mostParts;
  const parts = Math.ceil((to - from) / size);
  const atOnce = Math.max(1, Math.min(parts, Math.ceil(map.concurrency / lanesOfPart)));
  const concurrency = Math.max(1, Math.floor(map.concurrency / atOnce));
  const lists: ListRef[] = [];
  let failed = 0;
  let given = 0;
  const next = () => (given < parts ? given++ : undefined);
  await onBoard({ id, stage: name, pool: options.pool ?? contract.pool, total: to - from }, (count) =>
    inLanes(atOnce, next, async (part) => {
      const start = from + part * size;
      const end = Math.min(start + size, to);
      const mapped = await executeChild<(part: MapPart) => Promise<MappedPart>>(mapWorkflow, {
        args: [{ stage: name, options, list, concurrency, onFailure, id, from: start, to: end }],
        workflowId: `${id}/${start}-${end}`,
        staticSummary: `items ${start} to ${end - 1} of a map over ${name}`,
      });
      failed += mapped.failed;
      count(end - start, mapped.failed);
      lists[part] = mapped.list;
    }),
  );
  return { list: await joined(lists), failed };
}

async function mapItems(map: ListMap, from: number, to: number): Promise<MappedPart> {
  const { contract, options, list, concurrency, onFailure, id } = map;
  const { name } = contract;
  let failed = 0;
  const results = await onBoard({ id, stage: name, pool: options.pool ?? contract.pool, total: to - from }, (count) =>
    runItems({
      stage: name,
      next: itemsOf(list, from, to),
      call: (item, index) => callStage(contract, item, options, { map: id, index, total: list.count }),
      concurrency,
      onFailure,
      settled: (hasFailed) => {
        failed += Number(hasFailed);
        count(1, Number(hasFailed));
      },
    }),
  );
  // Those before `from` are holes.
  const pages = await Promise.all(
    inPages(results.slice(from)).map((page) => bookkeep<ListRef>(putItemsActivity, page)),
  );
  return { list: await joined(pages), failed };
}

/** Hands out the items of a range, read a page at a time. */
function itemsOf(list: ListRef, from: number, to: number): Next<Item> {
  let page: readonly unknown[] = [];
  let start = from;
  let given = from;
  let reading: Promise<void> | undefined;
  const read = async () => {
    const next = start + page.length;
    page = await bookkeep<unknown[]>(readItemsActivity, list, next, to);
    start = next;
    reading = undefined;
  };
  const untilRead = async (index: number) => {
    while (index >= start + page.length) await (reading ??= read());
    return { index, item: page[index - start] };
  };
  return () => {
    const index = given++;
    if (index >= to) return undefined;
    return index < start + page.length ? { index, item: page[index - start] } : untilRead(index);
  };
}

/** At least one item each, and no more than a payload takes. */
function inPages(items: readonly unknown[]): unknown[][] {
  const pages: unknown[][] = [];
  let left = 0;
  for (const item of items) {
    const size = new TextEncoder().encode(JSON.stringify(item)).length + 1;
    if (size > left) {
      pages.push([]);
      left = pageBytes;
    }
    pages.at(-1)?.push(item);
    left -= size;
  }
  return pages;
}

function joined(lists: readonly ListRef[]): Promise<ListRef> {
  const [only] = lists;
  return lists.length === 1 && only ? Promise.resolve(only) : bookkeep<ListRef>(joinListsActivity, lists);
}

/** On the own queue, where the pipelines worker may take it up at once. */
function bookkeep<Result>(activity: string, ...args: unknown[]): Promise<Result> {
  return scheduleActivity<Result>(activity, args, {
    taskQueue: workflowInfo().taskQueue,
    startToCloseTimeout: '5 minutes',
    retry: { maximumInterval: '10 seconds' },
  });
}
