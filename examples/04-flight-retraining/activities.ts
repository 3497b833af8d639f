/** The code of the one stage that example 01 lacks. @module */
import { compareModels } from 'trainyard/activities';
import * as contracts from './contracts.js';

export const compare = compareModels(contracts.compare);
