/** The code of the project's stages. @module */
import { fileURLToPath } from 'node:url';
import { implementStage } from '../../../src/activity/implement-stage.js';
import type { TrainerCommand } from '../../../src/trainer/trainer-command.js';
import { burstOf } from './burst.js';
import * as contracts from './contracts.js';
import { squareWithMarks } from './marks.js';

const beside = (name: string) => new URL(name, import.meta.url);

export const count = implementStage(contracts.count).inChild(beside('./count-trainer.js'));
export const learn = implementStage(contracts.learn).inChild(beside('./learn-trainer.js'));
export const hunger = implementStage(contracts.hunger).inChild(beside('./hunger-trainer.js'));
export const crash = implementStage(contracts.crash).inChild(beside('./crash-trainer.js'));

/** It speaks the protocol with its own mouth, not with ours. */
const garbler: TrainerCommand = {
  program: process.execPath,
  args: [fileURLToPath(beside('./garble-trainer.js'))],
  env: {},
  title: 'garble-trainer.js',
  kind: 'trainer',
};
export const garble = implementStage(contracts.garble).inChild(garbler);
export const burst = implementStage(contracts.burst).inChild(beside('./burst-trainer.js'));
export const burstInWorker = implementStage(contracts.burstInWorker).with(burstOf);
export const mark = implementStage(contracts.mark).with(squareWithMarks);
