/** The code of each stage. @module */
import { implementStage } from 'trainyard/activity';
import * as contracts from './contracts.js';
import { readDigits } from './read-digits.js';

export const ingestDigits = implementStage(contracts.ingestDigits).with(readDigits);
export const trainDigits = implementStage(contracts.trainDigits).inChild(new URL('./train-digits.js', import.meta.url));
