/** What `trainyard check` found, as lines for people and as JSON. @module */
import type { Divergence } from '../testing/divergence.js';
import { write } from './store-session.js';

/** How one history did. */
export type Checked = {
  readonly problem: string | undefined;
  readonly divergence: Divergence | undefined;
} & ({ readonly run: CheckedRun } | { readonly file: string });

/** The run that it is of. */
export interface CheckedRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Its workflow type; an entity's begins with `trainyard:`. */
  readonly pipeline: string;
  readonly open: boolean;
  /** Only workers of that build go on with it. */
  readonly pinnedTo: string | undefined;
}

/** Writes each run that would break when it is found. */
export class CheckReport {
  private readonly counts = { replayed: 0, open: 0, closed: 0, recorded: 0, skipped: 0, broken: 0, pinned: 0 };

  constructor(
    private readonly buildId: string,
    private readonly options: { readonly json?: boolean; readonly allowPinned?: boolean },
  ) {}

  /** Whether the command fails. */
  get failed(): boolean {
    const { broken, pinned } = this.counts;
    return broken > (this.options.allowPinned ? pinned : 0);
  }

  /** A run that ended its retention, or whose code has not begun. */
  skip(): void {
    this.counts.skipped++;
  }

  add(checked: Checked): void {
    const { counts } = this;
    counts.replayed++;
    counts['file' in checked ? 'recorded' : checked.run.open ? 'open' : 'closed']++;
    if (checked.problem === undefined) return;
    counts.broken++;
    if ('run' in checked && this.isElsewhere(checked.run)) counts.pinned++;
    if (this.options.json) write(JSON.stringify({ type: 'broken', ...flat(checked) }));
    else for (const line of this.lines(checked)) write(line);
  }

  /** The last lines. */
  end(): string[] {
    const { replayed, open, closed, recorded, skipped, broken, pinned } = this.counts;
    if (this.options.json)
      return [JSON.stringify({ type: 'result', buildId: this.buildId, ...this.counts, ok: !this.failed })];
    const bundled = `the workflows bundle, build ${this.buildId}`;
    if (replayed + skipped === 0) return [`${bundled}; nothing to replay`];
    const parts = [count(open, 'open'), count(closed, 'closed'), count(recorded, 'recorded')]
      .filter(Boolean)
      .join(', ');
    const would = broken === 0 ? 'none would break' : `${broken} would break`;
    const elsewhere =
      pinned === 0 ? '' : `, ${pinned} of them only if the workers of the build that they are pinned to went`;
    const left = skipped === 0 ? '' : `; ${skipped} had not begun, or are gone`;
    return [`${bundled}; ${replayed} replayed (${parts}): ${would}${elsewhere}${left}`];
  }

  private lines(checked: Checked): string[] {
    const { divergence, problem } = checked;
    const place = divergence?.event ? `event ${divergence.event.id} ${divergence.event.type}` : 'after its last event';
    return [
      `${this.name(checked)} would break`,
      ...(divergence ? [`  ${place}: history has ${divergence.history}, the code makes ${divergence.code}`] : []),
      ...(divergence?.source === undefined ? [] : [`  at ${divergence.source}`]),
      `  ${problem ?? ''}`,
    ];
  }

  private name(checked: Checked): string {
    if ('file' in checked) return checked.file;
    const { workflowId, pipeline, open, pinnedTo } = checked.run;
    const pinned = this.isElsewhere(checked.run) ? `, pinned to build ${pinnedTo ?? ''}` : '';
    return `${pipeline} ${workflowId} (${open ? 'open' : 'closed'}${pinned})`;
  }

  private isElsewhere({ pinnedTo }: CheckedRun): boolean {
    return pinnedTo !== undefined && pinnedTo !== this.buildId;
  }
}

function flat(checked: Checked): object {
  const { problem, divergence } = checked;
  const where = 'file' in checked ? { file: checked.file } : checked.run;
  return { ...where, problem, ...divergence };
}

function count(number: number, what: string): string {
  return number === 0 ? '' : `${number} ${what}`;
}
