/** The code of each stage. @module */
import { ingestTables } from 'trainyard/activities';
import { implementStage, python } from 'trainyard/activity';
import * as contracts from './contracts.js';

export const ingest = ingestTables(contracts.ingest);
export const train = implementStage(contracts.train).inChild(new URL('./train.js', import.meta.url));
export const calibrate = implementStage(contracts.calibrate).inChild(
  python({ script: new URL('../calibrate.py', import.meta.url) }),
);
