/** How stage code changes names that entities decide about, and how that is done where no engine runs. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { EntityContract } from '../contracts/entities.js';
import { TrainyardError } from '../contracts/errors.js';
import { changeDirectly } from '../records/entity-heads.js';
import type { Signer } from '../records/signing.js';

/** Who asks for a change, and why. */
export interface EntityChangeOptions {
  /** The same id twice is one change; at most 100 characters. */
  readonly id: string;
  readonly by: string;
  readonly reason: string;
}

/** Changes names: by their entity, or by its rules. */
export interface EntityAccess {
  /** Resolves when the change is published. Throws what the rules refuse, by its code; TY1914 when no worker answers in time. */
  change<State, Change, Result>(
    contract: EntityContract<State, Change, Result>,
    name: string,
    change: Change,
    options: EntityChangeOptions,
  ): Promise<Result>;
}

/** In a process that has neither an engine's client nor a key. Throws TY2307. */
export const refusingEntities: EntityAccess = {
  change: ({ kind }, name) =>
    Promise.reject(new TrainyardError('TY2307', `${kind} ${name} cannot be changed from the process of a trainer`)),
};

/** Beside an engine: for a stage that runs alone, and for tests. */
export function changingDirectly(store: ArtifactStore, signer?: Signer): EntityAccess {
  return {
    change: async (contract, name, change, { id, by, reason }) => {
      const request = { id, reason, change };
      const { result } = await changeDirectly(
        store,
        contract,
        name,
        request,
        { name: by, standing: 'claimed' },
        signer,
      );
      return result;
    },
  };
}
