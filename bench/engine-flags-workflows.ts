/** Workflows of trivial stages for `engine-flags.ts`. @module */
import { proxyActivities } from '@temporalio/workflow';

interface Stages {
  stage(): Promise<void>;
  failsOnce(): Promise<void>;
}

const { stage, failsOnce } = proxyActivities<Stages>({ taskQueue: 'activities', startToCloseTimeout: '1 minute' });

/** One stage after the other. */
export async function inARow(stages: number): Promise<void> {
  for (let done = 0; done < stages; done += 1) await stage();
}

/** All stages at the same time. */
export async function atOnce(stages: number): Promise<void> {
  await Promise.all(Array.from({ length: stages }, stage));
}

/** Stages, one after the other, that fail once and ask to be tried again after 1 ms. */
export async function retried(stages: number): Promise<void> {
  for (let done = 0; done < stages; done += 1) await failsOnce();
}
