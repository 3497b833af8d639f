/** `trainyard/workflows`: reference pipelines, to be called from a project's own. @module */
export { trainAndDeploy, type TrainAndDeployEnd, type TrainAndDeploySteps } from './train-and-deploy.js';
