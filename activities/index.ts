/** `trainyard/activities`: the standard stages' code. @module */
export { compareModels } from './compare-models.js';
export { deployModel } from './deploy-model.js';
export { evaluateModel } from './evaluate-model.js';
export { ingestTables } from './ingest-tables.js';
export { monitorBatch } from './monitor-batch.js';
export { readTraffic } from './read-traffic.js';
export { tabularTrainer } from './train-tabular.js';
export { validateTables } from './validate-tables.js';
export { watchModelErrors } from './watch-errors.js';
