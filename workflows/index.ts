/** `trainyard/workflows`: reference pipelines, to be called from a project's own. @module */
export { standardLook, type StandardLookOptions, type StandardStages } from './standard-look.js';
export { trainAndDeploy, type TrainAndDeployEnd, type TrainAndDeploySteps } from './train-and-deploy.js';
