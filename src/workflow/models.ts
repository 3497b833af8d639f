/** The registry from a pipeline: its own versions, registered with the run that made them, and aliases. @module */
import { workflowInfo } from '@temporalio/workflow';
import {
  ModelChange,
  ModelName,
  type ModelResultOf,
  models,
  type NewModelChange,
  resultOf,
} from '../contracts/model-registry.js';
import { modelVersionOf, type NewModelVersion } from '../contracts/model-version.js';
import { changeName, type NameChangeOptions } from './change-name.js';
import { checked } from './checked.js';

/**
 * Registers a version of a model and gives its number. Waits until a pipelines worker has published it; once, however often that is tried.
 * @example
 * const evaluation = await stages.evaluate({ model, dataset });
 * const version = await registerModel('churn', { model, evaluation, datasets: { train: dataset } }, { reason: 'weekly training' });
 */
export async function registerModel(
  name: string,
  version: NewModelVersion,
  options: NameChangeOptions,
): Promise<number> {
  const { workflowId, runId, workflowType: pipeline } = workflowInfo();
  const versions = [modelVersionOf({ run: { workflowId, runId, pipeline }, ...version })];
  const result = await change(name, { type: 'register', versions }, options);
  return result.first;
}

/** Points an alias at a version; `decision` where the project asks for one. What the rules or the project refuse is an `ActivityFailure`. */
export async function setAlias(
  name: string,
  alias: string,
  version: number,
  { from, ...options }: NameChangeOptions & { readonly from?: number | null },
): Promise<void> {
  await change(name, { type: 'setAlias', alias, version, from }, options);
}

/** Gives an alias the version that it had before, and says which. */
export async function rollBackAlias(
  name: string,
  alias: string,
  { from, ...options }: NameChangeOptions & { readonly from?: number | null },
): Promise<number> {
  return (await change(name, { type: 'rollBack', alias, from }, options)).version;
}

async function change<Type extends ModelChange['type']>(
  name: string,
  wish: NewModelChange<Type>,
  options: NameChangeOptions,
): Promise<ModelResultOf<Type>> {
  const model = checked(ModelName, name, 'model name');
  const result = await changeName(models, model, checked(ModelChange, wish, `change of model ${name}`), options);
  return resultOf<Type>(wish.type, result);
}
