/** The code of each stage. @module */
import { implementStage } from 'trainyard/activity';
import * as contracts from './contracts.js';
import { addOne } from './bare-activities.js';

export const one = implementStage(contracts.one).with(({ input }) => addOne(input));
export const two = implementStage(contracts.two).with(({ input }) => addOne(input));
export const three = implementStage(contracts.three).with(({ input }) => addOne(input));
export const four = implementStage(contracts.four).with(({ input }) => addOne(input));
export const five = implementStage(contracts.five).with(({ input }) => addOne(input));
export const six = implementStage(contracts.six).with(({ input }) => addOne(input));
export const oneKept = implementStage(contracts.oneKept).with(({ input }) => addOne(input));
export const walk = implementStage(contracts.walk).inChild(new URL('./walk.js', import.meta.url));
