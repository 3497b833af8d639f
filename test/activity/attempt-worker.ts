/** A worker to be killed: runs one attempt of the counting stage, prints a line for each heartbeat with progress, then the envelope. @module */
import { pino } from 'pino';
import { implementStage } from '../../src/activity/implement-stage.js';
import { runAttempt } from '../../src/activity/run-attempt.js';
import { sweepScratch } from '../../src/activity/scratch.js';
import { openFileStore } from '../../src/artifacts/file-store.js';
import { count } from './stages.js';

const [folder = '', stageKey = '', input = '{}'] = process.argv.slice(2);
const say = (line: object) => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
await sweepScratch(`${folder}/scratch`);
const envelope = await runAttempt(
  implementStage(count).inChild(new URL('./count-trainer.js', import.meta.url)),
  JSON.parse(input),
  {
    workflowId: 'demo/run',
    runId: 'r-1',
    call: { stageKey, generation: 0, project: 'demo', stallMs: 60_000 },
    scheduledMs: Date.now(),
    attempt: 1,
    worker: 'test',
    heartbeat: (progress) => {
      say({ progress });
    },
    signal: new AbortController().signal,
    stopReason: () => 'cancelled',
  },
  {
    store: await openFileStore(`${folder}/store`),
    secrets: () => ({}),
    devices: [],
    scratchRoot: `${folder}/scratch`,
    log: pino({ level: 'silent' }),
    heartbeatEveryMs: 10,
  },
);
say({ envelope });
