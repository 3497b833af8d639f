/** What a schedule does next, against a store and a calendar, with ticks, wishes, failures and new runs of its entity at any moment. @module */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { calendarTimes } from '../../src/contracts/calendar-times.js';
import { defineSchedule, type Slice } from '../../src/contracts/define-schedule.js';
import { sliceId } from '../../src/contracts/names.js';
import type { SlicesChange, SlicesState } from '../../src/contracts/slices.js';
import { slicesEntity } from '../../src/contracts/slices-entity.js';
import { type OpenSlice, SliceWalk } from '../../src/entities/slice-walk.js';
import { readSlice, recordSlice } from '../../src/records/slices.js';
import { planSlices } from '../../src/worker/plan-slices.js';
import { sliced } from './contracts.js';

const startMs = Date.parse('2026-10-24T00:00:00Z');
const minuteMs = 60_000;
const times = { intervals: [{ every: '7 minutes' }] } as const;

/** The workflow without Temporal: the same steps, one at a time. */
class Simulation {
  readonly store = new MemoryStore();
  readonly started: string[] = [];
  state: SlicesState = slicesEntity.initial;
  walk = new SliceWalk(undefined);
  nowMs = startMs;
  mostOpen = 0;

  constructor(readonly terms: ReturnType<typeof defineSchedule>['terms']) {
    this.change({ do: 'define', terms, isNew: true });
  }

  change(change: SlicesChange): void {
    const facts = { at: new Date(this.nowMs).toISOString(), generation: 1 };
    ({ state: this.state } = slicesEntity.apply(this.state, change, facts));
  }

  tick(): void {
    this.walk.tick(sliceId(this.nowMs));
  }

  /** All that can be done without a run ending. */
  async goOn(): Promise<void> {
    for (;;) {
      this.walk.follow(this.state);
      const next = this.walk.nextPlan(this.state, this.nowMs);
      if (next) {
        const plan = { schedule: 'any', calendar: this.terms.calendar, ...next.plan };
        const planned = await planSlices(this.store, plan);
        this.walk.planned(next.of, planned);
        if (planned.tooLate) this.change({ do: 'skip', ...planned.tooLate });
        continue;
      }
      const slice = this.walk.take(this.state);
      if (slice) {
        this.started.push(`${slice.at} ${slice.attempt}`);
        assert.equal(this.walk.open.filter(({ at }) => at === slice.at).length, 1);
        this.mostOpen = Math.max(this.mostOpen, this.walk.open.length);
        continue;
      }
      const endedAt = new Date(this.nowMs).toISOString();
      const passed = this.walk.passedOver(this.state);
      for (const one of passed)
        await recordSlice(this.store, { schedule: 'any', ...one, outcome: 'skipped', runId: null, endedAt });
      if (passed.length > 0) continue;
      const done = this.walk.finished(this.state);
      if (!done) return;
      this.change({ do: 'finish', ...done });
    }
  }

  async end(slice: OpenSlice, outcome: 'succeeded' | 'failed'): Promise<void> {
    const endedAt = new Date(this.nowMs).toISOString();
    await recordSlice(this.store, { schedule: 'any', ...slice, outcome, runId: 'run', endedAt });
    this.walk.settle(slice, { outcome, runId: 'run' }, false);
  }

  /** Goes on in a new run of the entity: with what the last handed over, or from what was published where that is lost. */
  renew(isLost: boolean): void {
    const progress = this.walk.progress(true);
    if (progress) this.change({ do: 'progress', progress });
    const carried = JSON.parse(JSON.stringify(this.walk.carried())) as ReturnType<SliceWalk['carried']>;
    this.walk = new SliceWalk(isLost ? undefined : carried);
    if (isLost) this.tick();
  }
}

const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('tick' as const), minutes: fc.integer({ min: 0, max: 60 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('end' as const), fails: fc.boolean(), which: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('backfill' as const), rerun: fc.boolean(), hours: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('want' as const), rerun: fc.boolean(), back: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renew' as const), isLost: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const) }) },
);

const overlap = fc.constantFrom('BUFFER_ALL' as const, 'BUFFER_ONE' as const, 'SKIP' as const);

describe('the walk along a calendar', function () {
  this.timeout(60_000);

  it('starts every slice, none twice, whatever happens between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60 }), fc.constantFrom(1, 3), overlap, async (events, ...may) => {
        const [concurrency, overlap] = may;
        const options = { pipeline: sliced, input: (slice: Slice) => slice, ...times, concurrency, overlap };
        const { terms } = defineSchedule('any', options);
        const one = new Simulation(terms);
        let id = 0;
        let rerunsAsked = 0;
        let asked = 0;
        let earliest = startMs;
        const wanted: number[] = [];
        for (const happens of events) {
          one.nowMs += 1_000;
          const { open } = one.walk;
          if (happens.do === 'tick') {
            one.nowMs += happens.minutes * minuteMs;
            one.tick();
          } else if (happens.do === 'end' && open.length > 0)
            await one.end(open[happens.which % open.length]!, happens.fails ? 'failed' : 'succeeded');
          else if (happens.do === 'backfill' && one.state.backfills.length < 20) {
            if (happens.rerun) rerunsAsked++;
            asked++;
            const [from, to] = [startMs - happens.hours * 3_600_000 - 1, one.nowMs].map((ms) =>
              new Date(ms).toISOString(),
            );
            earliest = Math.min(earliest, Date.parse(from!));
            one.change({ do: 'backfill', id: `b${id++}`, from: from!, to: to!, rerun: happens.rerun });
          } else if (happens.do === 'want') {
            if (happens.rerun) rerunsAsked++;
            asked++;
            const at = Math.floor(one.nowMs / 420_000 - happens.back) * 420_000;
            wanted.push(at);
            one.change({ do: 'want', at: sliceId(at), rerun: happens.rerun });
          } else if (happens.do === 'renew') one.renew(happens.isLost);
          else if (happens.do === 'pause')
            one.change(one.state.paused ? { do: 'resume', skip: false } : { do: 'pause', reason: 'a test' });
          await one.goOn();
        }
        one.nowMs += 1_000;
        if (one.state.paused) one.change({ do: 'resume', skip: false });
        one.tick();
        await one.goOn();
        while (one.walk.open.length > 0) {
          await one.end(one.walk.open[0]!, 'succeeded');
          await one.goOn();
        }
        assert.deepEqual([one.state.backfills, one.state.wanted], [[], []]);
        assert.ok(one.mostOpen <= concurrency);
        for (const time of [...calendarTimes(terms.calendar, earliest, one.nowMs), ...wanted]) {
          const records = await readSlice(one.store, 'any', sliceId(time));
          assert.ok(records.length > 0, `${sliceId(time)} is lost`);
          const ran = records.filter(({ outcome }) => outcome !== 'skipped');
          assert.ok(ran.length <= 1 + rerunsAsked, `${sliceId(time)} ran again unasked`);
          assert.ok(records.length === ran.length || (overlap !== 'BUFFER_ALL' && ran.length <= asked));
          assert.ok(records.slice(0, -1).every(({ outcome }) => outcome !== 'succeeded'));
        }
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  it('passes over what is too late, and says so only where there was something', async () => {
    const options = { ...times, catchUp: '30 minutes' } as const;
    const { terms } = defineSchedule('any', { pipeline: sliced, input: (slice) => slice, ...options, concurrency: 50 });
    const one = new Simulation(terms);
    one.nowMs += 20 * minuteMs;
    one.tick();
    await one.goOn();
    const first = [...calendarTimes(terms.calendar, startMs, one.nowMs)].map(sliceId);
    assert.deepEqual([one.started, one.state.skipped], [first.map((slice) => `${slice} 1`), []]);
    one.nowMs += 120 * minuteMs;
    one.tick();
    await one.goOn();
    const late = one.nowMs - 30 * minuteMs;
    const last = [...calendarTimes(terms.calendar, late, one.nowMs)].map(sliceId);
    assert.deepEqual(
      one.started.slice(first.length),
      last.map((slice) => `${slice} 1`),
    );
    assert.deepEqual(
      one.state.skipped.map(([, to]) => to),
      [sliceId(late)],
    );
  });

  it('passes over what comes due while as many run as may, all of it or all but the first, and runs it where somebody asks', async () => {
    for (const [overlap, most] of [
      ['SKIP', 0],
      ['BUFFER_ONE', 1],
    ] as const) {
      const { terms } = defineSchedule('any', { pipeline: sliced, input: (slice) => slice, ...times, overlap });
      const one = new Simulation(terms);
      for (let tick = 0; tick < 4; tick++) {
        one.nowMs += 7 * minuteMs;
        one.tick();
        await one.goOn();
      }
      const slices = [...calendarTimes(terms.calendar, startMs, one.nowMs)].map(sliceId);
      assert.deepEqual(one.started, [`${slices[0]} 1`]);
      const records = await Promise.all(slices.map((slice) => readSlice(one.store, 'any', slice)));
      const passed = slices.filter((_, at) => records[at]![0]?.outcome === 'skipped');
      assert.deepEqual(passed, slices.slice(1 + most));
      const span = { from: new Date(startMs).toISOString(), to: new Date(one.nowMs).toISOString() };
      one.change({ do: 'backfill', id: 'all', ...span, rerun: false });
      await one.goOn();
      while (one.walk.open.length > 0) {
        await one.end(one.walk.open[0]!, 'succeeded');
        await one.goOn();
      }
      const attempts = slices.map((slice) => `${slice} ${passed.includes(slice) ? 2 : 1}`);
      // What a backfill planned before it ran is found again by its record.
      assert.deepEqual([...new Set(one.started)], attempts);
    }
  });
});
