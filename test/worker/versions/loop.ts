/** A loop that notes the version of its code in each round, and goes on in a new run when it is told to. @module */
import { condition, defineSignal, setHandler, sleep, upsertMemo } from '@temporalio/workflow';
import { implementPipeline } from '../../../src/workflow/implement-pipeline.js';
import * as contracts from './contracts.js';

export const loopOf = (version: string) =>
  implementPipeline(contracts.looping).with(async (run, input) => {
    const rounds = [...input.rounds, version];
    let told = false;
    setHandler(defineSignal('go-on'), () => {
      told = true;
    });
    await condition(() => told);
    if (rounds.length === 2) return { rounds };
    // From 4,096 events on the server suggests a new run.
    for (let event = 0; event < 4_096; event++) upsertMemo({ event });
    await sleep(200);
    await run.continueWhenLong(() => ({ rounds }));
    return { rounds: [...rounds, 'was not continued'] };
  });
