/** The run's stages as Temporal's UI shows them under "current details". @module */
import { setCurrentDetails } from '@temporalio/workflow';

const rows: { readonly stage: string; readonly pool: string; state: string }[] = [];

/** Adds a stage call as running; the function given back changes its state. */
export function showStage(stage: string, pool: string): (state: string) => void {
  const row = { stage, pool, state: 'scheduled' };
  rows.push(row);
  publish();
  return (state) => {
    row.state = state;
    publish();
  };
}

/** Long loops would make the text grow without end: the newest calls are what a reader wants. */
const shownRows = 50;

function publish(): void {
  const lines = rows.slice(-shownRows).map(({ stage, pool, state }) => `| ${stage} | ${pool} | ${state} |`);
  const earlier = rows.length > shownRows ? `\n\n${rows.length - shownRows} earlier calls are in the history.` : '';
  setCurrentDetails(['| stage | pool | state |', '| --- | --- | --- |', ...lines].join('\n') + earlier);
}
