/** The code of each stage. @module */
import { deployModel, evaluateModel, ingestTables, monitorBatch, validateTables } from 'trainyard/activities';
import { implementStage } from 'trainyard/activity';
import * as contracts from './contracts.js';

export const ingest = ingestTables(contracts.ingest);
export const validate = validateTables(contracts.validate);
export const train = implementStage(contracts.train).inChild(new URL('./train.js', import.meta.url));
export const evaluate = evaluateModel(contracts.evaluate);
export const deploy = deployModel(contracts.deploy);
export const monitor = monitorBatch(contracts.monitor);
