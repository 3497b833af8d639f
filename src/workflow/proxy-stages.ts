/** The stages of a pipeline contract as functions. @module */
import type { Stages } from '../contracts/define-pipeline.js';
import type { StageContract, StageInput, StageOutput } from '../contracts/define-stage.js';
import { callStage, type StageCallOptions } from './call-stage.js';

/** A stage as a pipeline calls it. */
export interface StageProxy<Contract extends StageContract> {
  (input: StageInput<Contract>): Promise<StageOutput<Contract>>;
  /** The same stage with other options. */
  with(options: StageCallOptions): StageProxy<Contract>;
}

/** What a proxy calls. */
export interface ProxiedStage {
  readonly contract: StageContract;
  readonly options: StageCallOptions;
}

const proxied = new WeakMap<object, ProxiedStage>();
const contracts = new Map<string, StageContract>();

/**
 * The stages of a pipeline contract as functions; call it at the top of the workflows' file. A call checks its input (a mismatch is a
 * non-retryable `ContractViolation`, nothing is scheduled), schedules an activity and gives the stage's output; a failure is
 * Temporal's `ActivityFailure`.
 * @example
 * const stages = proxyStages(churnTraining.stages);
 * const { dataset } = await stages.ingest({ source });
 * const { model } = await stages.train.with({ pool: 'gpu-large' })({ dataset });
 */
export function proxyStages<Used extends Stages>(
  stages: Used,
): { readonly [Name in keyof Used]: StageProxy<Used[Name]> } {
  for (const contract of Object.values(stages)) contracts.set(contract.name, contract);
  const proxies = Object.entries(stages).map(([name, contract]) => [name, proxyOf(contract, {})]);
  // fromEntries forgets which contract belongs to which name.
  return Object.fromEntries(proxies) as { [Name in keyof Used]: StageProxy<Used[Name]> };
}

function proxyOf(contract: StageContract, options: StageCallOptions): StageProxy<StageContract> {
  const proxy = Object.assign((input: unknown) => callStage(contract, input, options), {
    with: (more: StageCallOptions) => proxyOf(contract, { ...options, ...more }),
  });
  proxied.set(proxy, { contract, options });
  return proxy;
}

/** What a proxy calls; undefined for any other function. */
export function proxiedStage(proxy: object): ProxiedStage | undefined {
  return proxied.get(proxy);
}

/** A contract that some `proxyStages` of this workflow's bundle has been given, by its stage's name. */
export function contractOf(stage: string): StageContract | undefined {
  return contracts.get(stage);
}
