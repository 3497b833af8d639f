/** The pipeline of the stage. @module */
import { implementPipeline } from '../../src/workflow/implement-pipeline.js';
import { proxyStages } from '../../src/workflow/proxy-stages.js';
import * as contracts from './device-stage.js';

const stages = proxyStages(contracts.usingDevice.stages);

export const usingDevice = implementPipeline(contracts.usingDevice).with((_run, input) => stages.onDevice(input));
