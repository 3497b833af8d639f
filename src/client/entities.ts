/** Entities of one kind from outside: read from the store alone, changed by whoever has a Temporal client. @module */
import type { Client } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store.js';
import type { EntityContract } from '../contracts/entities.js';
import { type ErrorCode, TrainyardError } from '../contracts/errors.js';
import { type EntityState, entityHistory, type HeadSource, latestEntityHead } from '../records/entity-heads.js';
import { namesOfKind } from '../records/heads.js';
import type { TrustedKeys } from '../records/signing.js';
import { changeEntity, type ChangeOptions } from './change-entity.js';

/** What they are reached by. */
export interface EntitiesOptions {
  readonly project: string;
  readonly store: ArtifactStore;
  /** Needed to change; who only reads leaves it out. */
  readonly client?: Client;
  /** Whose signatures count when heads are read. @default nobody's: they are not checked */
  readonly trusted?: TrustedKeys;
}

export abstract class Entities<State, Change, Answer> {
  protected constructor(
    protected readonly options: EntitiesOptions,
    private readonly contract: EntityContract<State, Change, Answer>,
    /** What one of them is called, and the code of the error where there is none. */
    private readonly noun: { readonly word: string; readonly missing: ErrorCode },
  ) {}

  /** Where all of them stand, by name. */
  async list(): Promise<{ readonly name: string; readonly head: EntityState<State, Change, Answer> }[]> {
    const names = await namesOfKind(this.options.store, this.contract.kind);
    return Promise.all(names.map(async (name) => ({ name, head: await this.show(name) })));
  }

  /** Where one stands. Throws TY2510 where there is no such loop, TY2520 where there is no such monitor. */
  async show(name: string): Promise<EntityState<State, Change, Answer>> {
    const head = await latestEntityHead(this.source(), this.contract, name);
    if (head !== undefined) return head;
    throw new TrainyardError(this.noun.missing, `there is no ${this.noun.word} ${name}`);
  }

  /** Every change of one in order: who asked for what, when and why, and what came of it. */
  history(name: string): AsyncGenerator<EntityState<State, Change, Answer>, void, undefined> {
    return entityHistory(this.source(), this.contract, name);
  }

  protected change(name: string, change: Change, options: ChangeOptions): Promise<Answer> {
    const { client, project } = this.options;
    if (client === undefined) throw new TypeError(`pass \`client\` to change a ${this.noun.word}`);
    return changeEntity({ client, project }, this.contract, name, change, options);
  }

  private source(): HeadSource {
    const { store, trusted } = this.options;
    return { store, ...(trusted && { trusted }) };
  }
}
