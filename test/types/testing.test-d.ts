import { type Divergence, type Replay, replayAll } from 'trainyard/testing';

export const replays: Promise<Replay[]> = replayAll({ workflowsPath: 'dist/workflows.js', folder: 'test/histories' });

export function told({ event, history, code, source }: Divergence): string {
  const at = event === undefined ? 'past the end' : `event ${event.id} ${event.type}`;
  return `${at}: history has ${history}, the code makes ${code}${source === undefined ? '' : ` at ${source}`}`;
}

export const divergence = {
  event: undefined,
  history: 'nothing more',
  code: 'timer',
  source: undefined,
} satisfies Divergence;

declare const replay: Replay;
// @ts-expect-error a history that replays has none
export const always: Divergence = replay.divergence;
// @ts-expect-error an event has an id and a type
export const half: Divergence = { event: { id: 4 }, history: 'timer', code: 'nothing', source: undefined };
// @ts-expect-error a folder is asked for, not its files
void replayAll({ workflowsPath: 'dist/workflows.js', files: ['a.json'] });
