/** A run on a terminal: a line for each stage call, a curve and an ETA where it trains. @module */
import { styleText } from 'node:util';
import type { MetricPoint } from '../records/metrics-segments.js';
import type { StageStatus } from '../client/run-status.js';
import type { Snapshot } from './follow-run.js';
import { bar, duration, quantity, sparkline } from './figures.js';
import type { Paces, Speed } from './pace.js';
import { standing } from './standing.js';

const marks = { waiting: '◌', running: '●', paused: '‖', completed: '✓', failed: '✗', cancelled: '–' } as const;
const colours = {
  waiting: 'gray',
  running: 'cyan',
  paused: 'yellow',
  completed: 'green',
  failed: 'red',
  cancelled: 'yellow',
} as const;

/** What the view is drawn for. */
export interface Canvas {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Columns of the terminal. */
  readonly width: number;
  /** Kept from one view to the next. */
  readonly paces: Paces;
}

/** The view as lines. */
export function liveView({ status, curves, notes }: Snapshot, { now, width, paces }: Canvas): string[] {
  const elapsed = duration((status.closedAt?.getTime() ?? now) - status.startedAt.getTime());
  const title = `${styleText('bold', status.pipeline)}  ${status.workflowId}${standing(status)}  ${styleText('gray', elapsed)}`;
  const lines = [title, ''];
  if (status.stages.length === 0 && status.state === 'running' && status.place === undefined)
    lines.push(styleText('gray', '  ◌ waiting for the workers to start'));
  for (const stage of status.stages) {
    lines.push(stageLine(stage, now));
    if (stage.closedAt === undefined) {
      if (stage.progress?.done) lines.push(`    ${progressLine(stage, paces.of(stage, now))}`);
      if (stage.attempts > 1 && stage.failure !== undefined)
        lines.push(`    ${styleText('gray', `the attempt before: ${stage.failure}`)}`);
    }
    lines.push(...lossLines(curves.get(stage), width));
    if (stage.state === 'failed' && stage.failure !== undefined) lines.push(`    ${styleText('red', stage.failure)}`);
  }
  for (const open of status.approvals)
    lines.push(
      '',
      styleText(
        'yellow',
        `waits for the approval "${open.name}" until ${open.expiresAt}: trainyard approve ${open.name} --run ${status.workflowId}`,
      ),
      `    ${JSON.stringify(open.evidence)}`,
    );
  for (const note of notes) lines.push('', styleText('yellow', note));
  return lines;
}

function stageLine(stage: StageStatus, now: number): string {
  const name = stage.call === 0 ? stage.stage : `${stage.stage} #${stage.call + 1}`;
  const began = stage.startedAt ?? stage.scheduledAt;
  const elapsed = duration((stage.closedAt?.getTime() ?? now) - began.getTime());
  const attempt = stage.attempts > 1 ? styleText('yellow', `attempt ${stage.attempts}`) : '';
  const mark = styleText(colours[stage.state], marks[stage.state]);
  return `  ${mark} ${name.padEnd(18)} ${styleText('gray', stage.pool.padEnd(6))} ${stage.state.padEnd(10)} ${elapsed.padStart(7)}  ${attempt}`;
}

/** The curve stays when the stage is done: it is the first thing that one looks for. */
function lossLines(points: readonly MetricPoint[] | undefined, width: number): string[] {
  const loss = points?.flatMap(({ values }) => (values['loss'] === undefined ? [] : [values['loss']])) ?? [];
  const newest = loss.at(-1);
  if (newest === undefined) return [];
  return [
    `    loss ${styleText('cyan', sparkline(loss, Math.min(60, Math.max(10, width - 30))))} ${newest.toPrecision(3)}`,
  ];
}

/** `▓▓▓░░ 1,200 of 5,000 steps · 410/s · 9 s left`. */
function progressLine({ progress }: StageStatus, speed: Speed | undefined): string {
  if (!progress) return '';
  const { done, total, unit, note } = progress;
  const parts = [
    total === undefined
      ? `${quantity(done)} ${unit}`
      : `${bar(done / total, 20)} ${quantity(done)} of ${quantity(total)} ${unit}`,
    speed ? `${quantity(speed.rate)}/s` : '',
    speed?.leftMs !== undefined && total !== undefined && done < total ? `${duration(speed.leftMs)} left` : '',
    note ?? '',
  ];
  return parts.filter(Boolean).join(' · ');
}
