/** How far the maps of a run are: kept in its memo, where status reads it while no worker runs. @module */
import { upsertMemo } from '@temporalio/workflow';
import { messageOf } from '../contracts/errors.js';
import { type MapBoard, mapsMemo } from '../contracts/lists.js';

/** Counts items that are done, failed ones among them. */
export type CountItems = (done: number, failed: number) => void;

type Row = { -readonly [Key in keyof MapBoard[number]]: MapBoard[number][Key] };

const rows: Row[] = [];

/** Older maps have ended long ago: a memo has at most 64 KiB. */
const shownRows = 100;

/** A history takes so many events for the progress of one map at most, */
const tellings = 20;

/** and none sooner than this after the last: each is an update of the server's list of runs, which costs as much as an item. */
const tellEveryMs = 1_000;

/** Puts a map on the board while `work` does it, and says how it ended. */
export async function onBoard<Result>(
  map: Pick<Row, 'id' | 'stage' | 'pool' | 'total'>,
  work: (count: CountItems) => Promise<Result>,
): Promise<Result> {
  const row: Row = { ...map, done: 0, failed: 0, startedAt: now() };
  rows.push(row);
  let told = 0;
  let toldAt = 0;
  const tell = () => {
    told = row.done;
    toldAt = Date.now();
    upsertMemo({ [mapsMemo]: rows.slice(-shownRows) });
  };
  tell();
  try {
    return await work((done, failed) => {
      row.done += done;
      row.failed += failed;
      const isDue = row.done - told >= map.total / tellings && Date.now() - toldAt >= tellEveryMs;
      if (isDue && row.done < map.total) tell();
    });
  } catch (error) {
    row.failure = messageOf(error).slice(0, 200);
    throw error;
  } finally {
    row.endedAt = now();
    tell();
  }
}

function now(): string {
  return new Date(Date.now()).toISOString();
}
