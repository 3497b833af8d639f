/** Items of the stage `mark` whose completion a server has recorded: each once, and none was begun again afterwards. @module */
import assert from 'node:assert/strict';
import { defaultPayloadConverter } from '@temporalio/common';
import { z } from 'zod';
import { dateOf, type History } from '../../../src/client/temporal-types.js';
import { mark } from '../project/contracts.js';
import { marksOf } from '../project/marks.js';

const Item = z.object({ n: z.int() });

/**
 * By the clock of the one machine: items 0 to `count` completed once each in these histories, and no work on one began after that.
 * Gives how often work was done again that had ended before its completion was recorded.
 */
export function nothingRepeated(
  histories: readonly History[],
  folder: string,
  count: number,
): { readonly repeated: number } {
  const completed = histories.flatMap(completions);
  assert.deepEqual(
    [completed.length, new Set(completed.map(({ n }) => n)).size],
    [count, count],
    'completed once each',
  );
  let repeated = 0;
  for (const { n, atMs } of completed) {
    const marks = marksOf(folder, n);
    const late = marks.find((left) => left.what === 'began' && left.atMs > atMs);
    assert.equal(late, undefined, `item ${n} completed at ${atMs} and began again`);
    const ends = marks.filter(({ what }) => what === 'ended').length;
    assert.ok(ends > 0, `item ${n} completed, and its work never ended`);
    repeated += ends - 1;
  }
  return { repeated };
}

function completions({ events }: History): { readonly n: number; readonly atMs: number }[] {
  const scheduled = new Map<string, number>();
  return (events ?? []).flatMap((event) => {
    const { activityType, input } = event.activityTaskScheduledEventAttributes ?? {};
    const [payload] = input?.payloads ?? [];
    if (activityType?.name === mark.name && payload)
      scheduled.set(String(event.eventId), Item.parse(defaultPayloadConverter.fromPayload(payload)).n); // nothing is encrypted here
    const n = scheduled.get(String(event.activityTaskCompletedEventAttributes?.scheduledEventId));
    return n === undefined ? [] : [{ n, atMs: dateOf(event.eventTime)?.getTime() ?? NaN }];
  });
}
