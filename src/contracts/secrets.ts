/** Where a secret's value comes from: named in code, never written there. @module */

/** Where the value of a secret comes from; see {@link fromEnv}. */
export interface SecretSource {
  readonly from: 'env';
  /** Name of the environment variable. @default the secret's own name */
  readonly name?: string;
}

/** A secret whose value stands in an environment variable of the worker. */
export function fromEnv(name?: string): SecretSource {
  return name === undefined ? { from: 'env' } : { from: 'env', name };
}
