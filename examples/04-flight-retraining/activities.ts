/** The code of the stages that example 01 lacks. @module */
import { compareModels, readTraffic as reading, watchModelErrors } from 'trainyard/activities';
import * as contracts from './contracts.js';

export const compare = compareModels(contracts.compare);
export const readTraffic = reading(contracts.readTraffic);
export const watchErrors = watchModelErrors(contracts.watchErrors);
