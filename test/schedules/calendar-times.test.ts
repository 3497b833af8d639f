/** The times of calendars: in order, over both changes of summer time, and as Temporal's server has them. @module */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type CalendarOptions, calendarOf } from '../../src/contracts/calendar.js';
import { calendarTimes, instantOf, isTime, timeBefore } from '../../src/contracts/calendar-times.js';
import { defineSchedule } from '../../src/contracts/define-schedule.js';
import { sliceId } from '../../src/contracts/names.js';
import { tickSchedule } from '../../src/client/temporal-schedule.js';
import { testEngine } from '../support/engine.js';
import { sliced } from './contracts.js';

const times = (options: CalendarOptions, from: string, to: string) =>
  [...calendarTimes(calendarOf(options), Date.parse(from), Date.parse(to))].map(sliceId);

/** In 2026 and 2027, in Berlin and New York. */
const putBack = ['2026-10-25', '2026-11-01', '2027-10-31', '2027-11-07'];

describe("a calendar's times", function () {
  this.timeout(60_000);
  const halfPastTwo = { calendars: [{ hour: 2, minute: 30 }], timeZone: 'Europe/Berlin' };

  it('leave out what the clock leaves out in spring, and the span of the next slice is longer', () => {
    const found = times(halfPastTwo, '2026-03-27T12:00Z', '2026-03-31T00:00Z');
    assert.deepEqual(found, ['2026-03-28T01:30:00Z', '2026-03-30T00:30:00Z']);
    const before = timeBefore(calendarOf(halfPastTwo), Date.parse('2026-03-30T00:30Z'));
    assert.equal(sliceId(before), '2026-03-28T01:30:00Z');
  });

  it('come twice where the clock shows them twice in autumn', () => {
    const found = times(halfPastTwo, '2026-10-24T12:00Z', '2026-10-26T12:00Z');
    assert.deepEqual(found, ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-26T01:30:00Z']);
  });

  it('lose no hour in either change, wherever one begins to look', () => {
    const hourly = { cron: ['30 * * * *'], timeZone: 'Europe/Berlin' };
    for (const day of ['2026-03-29', '2026-10-25'])
      for (const start of ['00:00', '00:30', '00:45', '01:29', '01:30']) {
        const found = times(hourly, `${day}T${start}Z`, `${day}T06:00Z`);
        const all = times({ cron: ['30 * * * *'] }, `${day}T${start}Z`, `${day}T06:00Z`);
        assert.deepEqual(found, all);
      }
  });

  it('are those of any of its calendars and intervals, less those that are skipped', () => {
    const options = {
      calendars: [{ hour: '6-18/6', dayOfWeek: 'MON-FRI' }],
      intervals: [{ every: '12 hours', offset: '30 minutes' }],
      skip: [{ month: 'DEC', dayOfMonth: 25 }],
    } as const;
    assert.deepEqual(times(options, '2026-12-24T17:00Z', '2026-12-27T00:00Z'), [
      '2026-12-24T18:00:00Z',
      '2026-12-26T00:30:00Z',
      '2026-12-26T12:30:00Z',
    ]);
    assert.ok(isTime(calendarOf(options), Date.parse('2026-12-24T18:00Z')));
    assert.ok(!isTime(calendarOf(options), Date.parse('2026-12-25T18:00Z')));
  });

  it('are refused where they cannot be', () => {
    for (const wrong of [
      {},
      { cron: ['61 * * * *'] },
      { cron: ['* * * *'] },
      { calendars: [{ hour: '5-1' }] },
      { calendars: [{ hour: 1 }], timeZone: 'Mars/Olympus' },
      { intervals: [{ every: '10 ms' }] },
    ] as const)
      assert.throws(() => calendarOf(wrong), { code: 'TY2401' });
  });

  it("are where a zone's clock shows a local time, also where it does not", () => {
    const at = (local: string) => sliceId(instantOf('Europe/Berlin', new Date(`${local}Z`)).getTime());
    assert.equal(at('2026-07-01T12:00'), '2026-07-01T10:00:00Z');
    assert.equal(at('2026-10-25T02:30'), '2026-10-25T00:30:00Z');
    assert.equal(at('2026-03-29T02:30'), '2026-03-29T01:30:00Z');
  });

  it("are those of Temporal's server, away from the hours that come twice", async () => {
    const { client, engine } = await testEngine();
    const field = (least: number, most: number) =>
      fc.oneof(
        fc.integer({ min: least, max: most }),
        fc.integer({ min: 1, max: 12 }).map((step) => `*/${step}`),
      );
    const options = fc.record({
      calendars: fc.array(
        fc.record({ minute: field(0, 59), hour: field(0, 23), dayOfMonth: field(1, 31), dayOfWeek: field(0, 6) }),
        { minLength: 1, maxLength: 2 },
      ),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'),
    });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(options, fc.integer({ min: 0, max: 700 }), async (calendar, day) => {
        const { terms } = defineSchedule('any', { pipeline: sliced, input: (slice) => slice, ...calendar });
        const schedule = tickSchedule('calendars', `one-${count++}`, terms);
        await client.schedule.create({ ...schedule, state: { paused: true } });
        const start = Date.parse('2026-01-01T00:00Z') + day * 86_400_000;
        const until = start + 20 * 86_400_000;
        const { startTime } = await client.workflowService.listScheduleMatchingTimes({
          namespace: engine.namespace,
          scheduleId: schedule.scheduleId,
          startTime: { seconds: (start / 1_000) as never },
          endTime: { seconds: (until / 1_000) as never },
        });
        const told = startTime.map(({ seconds }) => sliceId(Number(seconds) * 1_000));
        // Where clocks are put back, the server gives one of two times, which depends on where one begins to look.
        const isSure = (slice: string) => calendar.timeZone === 'UTC' || !putBack.includes(slice.slice(0, 10));
        const mine = [...calendarTimes(terms.calendar, start, until)].map(sliceId).slice(0, 900);
        assert.deepEqual(mine.filter(isSure), told.filter((slice) => slice <= (mine.at(-1) ?? '')).filter(isSure));
      }),
      { numRuns: 25, seed: 4 },
    );
  });
});
