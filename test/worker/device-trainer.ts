/** Fails on the devices that the input names, as one does whose driver reports an error. @module */
import { StageFailure } from '../../src/context/stage-failure.js';
import { defineTrainer } from '../../src/trainer/define-trainer.js';
import { onDevice } from './device-stage.js';

export default defineTrainer(onDevice, ({ input, devices }) => {
  const [device] = devices;
  if (device === undefined || input.broken.includes(device))
    throw new StageFailure('DeviceFailed', `Xid 79 on device ${device ?? 'none'}`, { xid: 79 });
  return Promise.resolve({ device });
});
