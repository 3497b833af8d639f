/** What a schedule has to do next: its own slices up to the newest tick, backfills, and slices that were asked for by name. @module */
import {
  type PlannedSlice,
  type PlannedSlices,
  type Progress,
  type SliceOutcome,
  type SlicePlan,
  type SlicesBoard,
  type SlicesState,
  wishId,
} from '../contracts/slices.js';
import { sliceId } from '../contracts/names.js';
import { Track } from './slice-track.js';

/** A slice that runs, and for whose sake: `own`, or the id of a backfill or of a wish. */
export interface OpenSlice extends PlannedSlice {
  readonly of: string;
}

/** What a run of the entity hands to the next. */
export interface CarriedWalk {
  readonly progress: Progress | null;
  readonly latest: string | null;
  readonly open: readonly OpenSlice[];
  /** Ids of backfills, and how far they are. */
  readonly backfills: readonly (readonly [string, string])[];
  readonly lastFailed: readonly string[];
}

const ownTrack = 'own';
const shownFailures = 20;

export class SliceWalk {
  /** Grows with all that happens to it from outside. */
  changes = 0;
  readonly open: OpenSlice[];
  readonly #tracks = new Map<string, Track>();
  readonly #backfills: ReadonlyMap<string, string>;
  #progress: Progress | null;
  #latest: string | null;
  #lastFailed: readonly string[];
  /** Failures whose pause is not published yet. */
  #holds = 0;

  constructor(carried: CarriedWalk | undefined) {
    this.open = [...(carried?.open ?? [])];
    this.#progress = carried?.progress ?? null;
    this.#latest = carried?.latest ?? null;
    this.#backfills = new Map(carried?.backfills);
    this.#lastFailed = carried?.lastFailed ?? [];
  }

  /** A tick has come: slices up to its time are due. */
  tick(at: string): void {
    if (this.#latest === null || isBefore(this.#latest, at)) this.#latest = at;
    this.changes++;
  }

  /** Takes over what is asked for now. */
  follow(state: SlicesState): void {
    const { progress, wanted, backfills } = state;
    this.#progress ??= progress;
    if (this.#progress === null) return;
    const own = this.#track(ownTrack, this.#progress.through);
    if (state.begins !== null && isBefore(own.through, state.begins)) own.through = state.begins;
    own.until = this.#latest ?? own.through;
    for (const { id, from, to } of backfills) this.#track(id, this.#backfills.get(id) ?? from).until = to;
    // One time, and nothing else, is after a second before it and not after it. What runs already runs for this wish, too.
    for (const wish of wanted)
      this.#track(wishId(wish), isOpenFor(this.open, wish.at) ? wish.at : secondBefore(wish.at)).until = wish.at;
    const asked = new Set([ownTrack, ...backfills.map(({ id }) => id), ...wanted.map(wishId)]);
    for (const of of this.#tracks.keys()) if (!asked.has(of)) this.#tracks.delete(of);
  }

  /** What is to be planned before anything else can be taken; undefined where nothing is, or there is no room to run it. */
  nextPlan(
    state: SlicesState,
    nowMs: number,
  ): { readonly of: string; readonly plan: Omit<SlicePlan, 'schedule' | 'calendar'> } | undefined {
    if (state.terms === null || this.#holds > 0) return undefined;
    const notBefore = sliceId(nowMs - state.terms.catchUpMs);
    for (const [of, { hasMore, queue, through: after, until }] of this.#tracks) {
      // What may not wait is planned at once, to be passed over.
      const isUrgent = of === ownTrack && waiting(state) < Infinity;
      if (!hasMore || !this.#mayGo(of, state) || (!isUrgent && (queue.length > 0 || !this.#hasRoom(state)))) continue;
      const wish = state.wanted.find((one) => wishId(one) === of);
      const asked = wish ?? state.backfills.find(({ id }) => id === of);
      const rerun = asked?.rerun ? { rerunFailedBefore: asked.asked } : {};
      const { skipped } = state;
      const own = asked === undefined ? { skipped, notBefore } : {};
      return { of, plan: { ...(wish ? { named: [wish.at] } : { span: { after, until } }), ...own, ...rerun } };
    }
    return undefined;
  }

  /** What came of a plan. */
  planned(of: string, { slices, through }: PlannedSlices): void {
    const track = this.#tracks.get(of);
    track?.queue.push(...slices);
    if (track) track.through = through;
  }

  /** The next slice to run, which is open from now on; undefined where none may begin. */
  take(state: SlicesState): OpenSlice | undefined {
    while (this.#hasRoom(state)) {
      const ready = [...this.#tracks].filter(([of, { queue }]) => queue.length > 0 && this.#mayGo(of, state));
      if (state.terms?.order === 'kept')
        ready.sort(([, one], [, other]) => Date.parse(one.first) - Date.parse(other.first));
      const [of, track] = ready.find(([id]) => isNamedTrack(state, id)) ?? ready[0] ?? [];
      const slice = track?.queue.shift();
      if (of === undefined || slice === undefined) return undefined;
      // Somebody else's sake is as good: it runs already.
      if (isOpenFor(this.open, slice.at) || (of === ownTrack && isSkipped(state, slice.at))) continue;
      const taken: OpenSlice = { ...slice, of };
      this.open.push(taken);
      return taken;
    }
    return undefined;
  }

  /** Own slices that came due while as many run as may, and do not wait. */
  passedOver(state: SlicesState): PlannedSlice[] {
    if (this.#hasRoom(state) || this.#holds > 0 || !this.#mayGo(ownTrack, state)) return [];
    return this.#tracks.get(ownTrack)?.queue.splice(waiting(state)) ?? [];
  }

  /** A slice has ended. Where nothing may follow a failure, nothing does until {@link release}. */
  settle(slice: OpenSlice, { outcome }: SliceOutcome, holds: boolean): void {
    this.open.splice(this.open.indexOf(slice), 1);
    const { through = slice.from, succeeded = 0, failed = 0 } = this.#progress ?? {};
    const hasFailed = outcome === 'failed';
    this.#progress = { through, succeeded: succeeded + (hasFailed ? 0 : 1), failed: failed + (hasFailed ? 1 : 0) };
    const others = this.#lastFailed.filter((at) => at !== slice.at);
    this.#lastFailed = hasFailed ? [...others, slice.at].slice(-shownFailures) : others;
    if (holds) this.#holds++;
    this.changes++;
  }

  /** The pause after a failure is published. */
  release(): void {
    this.#holds--;
    this.changes++;
  }

  /** Whether pauses are on their way. */
  get isHolding(): boolean {
    return this.#holds > 0;
  }

  /** Backfills and asked-for slices that are done with; undefined for none. */
  finished(state: SlicesState): { readonly wishes: string[]; readonly backfills: string[] } | undefined {
    const isDone = (of: string) => {
      const track = this.#tracks.get(of);
      return (
        track !== undefined && !track.hasMore && track.queue.length === 0 && !this.open.some((one) => one.of === of)
      );
    };
    const wishes = state.wanted.map(wishId).filter(isDone);
    const backfills = state.backfills.map(({ id }) => id).filter(isDone);
    return wishes.length + backfills.length > 0 ? { wishes, backfills } : undefined;
  }

  /** Own slices up to here were started; of a run whose history is lost, those that had ended. */
  progress(isLost: boolean): Progress | null {
    const own = this.#tracks.get(ownTrack);
    if (own === undefined || this.#progress === null) return this.#progress;
    const running = isLost ? this.open.filter(({ of }) => of === ownTrack).map(({ at }) => at) : [];
    return { ...this.#progress, through: [own.started, ...running.map(secondBefore)].sort(inTime)[0] ?? own.started };
  }

  carried(): CarriedWalk {
    const backfills = [...this.#tracks]
      .filter(([of]) => of !== ownTrack)
      .map(([of, { started }]) => [of, started] as const);
    return {
      progress: this.progress(false),
      latest: this.#latest,
      open: this.open,
      backfills,
      lastFailed: this.#lastFailed,
    };
  }

  /** What people see; null before the schedule is defined. */
  board(state: SlicesState): SlicesBoard | null {
    const progress = this.progress(false);
    if (progress === null) return null;
    const backfills = state.backfills.map(({ id, from, to }) => ({
      id,
      through: this.#tracks.get(id)?.started ?? from,
      to,
    }));
    const open = this.open.map(({ at }) => at).sort(inTime);
    return { ...progress, latest: this.#latest, open, lastFailed: [...this.#lastFailed], backfills };
  }

  #track(of: string, through: string): Track {
    let track = this.#tracks.get(of);
    if (track === undefined) this.#tracks.set(of, (track = new Track(through)));
    return track;
  }

  #hasRoom({ terms }: SlicesState): boolean {
    return terms !== null && this.#holds === 0 && this.open.length < terms.concurrency;
  }

  /** While a schedule is paused, only what is asked for by name begins: that is how a failure is mended. */
  #mayGo(of: string, state: SlicesState): boolean {
    return state.paused === null || isNamedTrack(state, of);
  }
}

/** So many of its own slices may wait. */
function waiting({ terms }: SlicesState): number {
  return { BUFFER_ALL: Infinity, BUFFER_ONE: 1, SKIP: 0 }[terms?.overlap ?? 'BUFFER_ALL'];
}

function isNamedTrack({ wanted }: SlicesState, of: string): boolean {
  return wanted.some((wish) => wishId(wish) === of);
}

/** It was planned before somebody passed over it. */
function isSkipped({ skipped }: SlicesState, at: string): boolean {
  return skipped.some(([from, to]) => isBefore(from, at) && !isBefore(to, at));
}

function isOpenFor(open: readonly OpenSlice[], at: string): boolean {
  return open.some((one) => one.at === at);
}

function isBefore(one: string, other: string): boolean {
  return Date.parse(one) < Date.parse(other);
}

function inTime(one: string, other: string): number {
  return Date.parse(one) - Date.parse(other);
}

function secondBefore(at: string): string {
  return sliceId(Date.parse(at) - 1_000);
}
