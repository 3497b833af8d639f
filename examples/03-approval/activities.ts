/** The code of each stage. @module */
import { deployModel, evaluateModel, ingestTables, validateTables } from 'trainyard/activities';
import { implementStage } from 'trainyard/activity';
import * as contracts from './contracts.js';

export const ingest = ingestTables(contracts.ingestPenguins);
export const validate = validateTables(contracts.validatePenguins);
export const train = implementStage(contracts.trainPenguins).inChild(new URL('./train.js', import.meta.url));
export const evaluate = evaluateModel(contracts.evaluatePenguins);
export const deploy = deployModel(contracts.deployPenguins);
