/** A way along the calendar, planned a part at a time. @module */
import { sliceId } from '../contracts/names.js';
import type { PlannedSlice } from '../contracts/slices.js';

export class Track {
  /** Slices that were planned and wait for their turn. */
  readonly queue: PlannedSlice[] = [];
  /** Where it ends, for now. */
  until: string;

  /** @param through planned up to here */
  constructor(public through: string) {
    this.until = through;
  }

  get hasMore(): boolean {
    return Date.parse(this.through) < Date.parse(this.until);
  }

  /** The slice whose turn is next. */
  get first(): string {
    return this.queue[0]?.at ?? this.until;
  }

  /** All up to here were started: times are whole seconds. */
  get started(): string {
    const [next] = this.queue;
    return next === undefined ? this.through : sliceId(Date.parse(next.at) - 1_000);
  }
}
