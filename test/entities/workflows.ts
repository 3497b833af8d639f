/** Holds until a signal says how to end; registers models. @module */
import {
  ApplicationFailure,
  condition,
  continueAsNew,
  defineSignal,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow';
import { implementPipeline } from '../../src/workflow/implement-pipeline.js';
import { registerModel, setAlias } from '../../src/workflow/models.js';
import * as contracts from './contracts.js';

export const held = implementPipeline(contracts.held).with(async () => {
  let end: string | undefined;
  setHandler(defineSignal<[string]>('end'), (how) => {
    end = how;
  });
  const began = new Date().toISOString();
  upsertMemo({ began });
  await condition(() => end !== undefined);
  if (end === 'again') {
    upsertMemo({ began: undefined }); // a memo goes over
    await continueAsNew<typeof held>({});
  }
  if (end === 'fail') throw ApplicationFailure.nonRetryable('told to');
  return { began };
});

export const registering = implementPipeline(contracts.registering).with(async (_run, { model }) => {
  const version = await registerModel('made', { model }, { reason: 'a run' });
  await setAlias('made', 'challenger', version, { reason: 'a run' });
  return { version };
});

export const promoting = implementPipeline(contracts.promoting).with(async (run, { model }) => {
  const version = await registerModel('promoted', { model }, { reason: 'a run' });
  const { binding } = await run.approval('promotion', { evidence: { model, auc: 0.9 } });
  await setAlias('promoted', 'champion', version, { reason: 'a run', decision: binding });
  return { binding };
});
