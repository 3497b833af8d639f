/** Changes models: versions, aliases, annotations. Each change has an author, a reason, and is made once. @module */
import { parseOrThrow } from '../contracts/contract-violation.js';
import { ModelChange, type ModelResultOf, models, type NewModelChange, resultOf } from '../contracts/model-registry.js';
import { type Annotation, modelVersionOf, type NewModelVersion } from '../contracts/model-version.js';
import { assertName } from '../contracts/names.js';
import type { HeadSource } from '../records/entity-heads.js';
import { changeEntity, type ChangeOptions, type EntityHost } from './change-entity.js';
import { ModelReader } from './model-reader.js';

/** Options of a change that moves an alias. */
export interface AliasOptions extends ChangeOptions {
  /** Refused with TY2105 unless the alias has this version, or none (null), at that moment. @default whatever it has */
  readonly from?: number | null;
}

/**
 * The registry of a project's models; a pipelines worker must run to change it, none to read it.
 * @example
 * const registry = new ModelRegistry({ client, project: 'churn', store });
 * const [version] = await registry.register('churn', [{ model, metrics: { auc: 0.91 } }], { by: 'ana', reason: 'weekly training' });
 * await registry.setAlias('churn', 'champion', version, { by: 'ana', reason: 'better by 0.02' });
 */
export class ModelRegistry extends ModelReader {
  constructor(private readonly options: EntityHost & HeadSource) {
    super(options);
  }

  /** Registers versions in one change and gives their numbers, in order. Throws TY2106 for more than 100 of them or 32 KiB. */
  async register(name: string, versions: readonly NewModelVersion[], options: ChangeOptions): Promise<number[]> {
    const result = await this.#change(name, { type: 'register', versions: versions.map(modelVersionOf) }, options);
    return Array.from({ length: result.count }, (_, at) => result.first + at);
  }

  /** Points an alias at a version. Throws TY2101, TY2102, TY2105, and TY2107 where the project asks for a decision. */
  async setAlias(name: string, alias: string, version: number, { from, ...options }: AliasOptions): Promise<void> {
    await this.#change(name, { type: 'setAlias', alias, version, from }, options);
  }

  async removeAlias(name: string, alias: string, options: ChangeOptions): Promise<void> {
    await this.#change(name, { type: 'removeAlias', alias }, options);
  }

  /** Gives an alias the version that it had before, and says which. Throws TY2104 where there was none. */
  async rollBack(name: string, alias: string, { from, ...options }: AliasOptions): Promise<number> {
    return (await this.#change(name, { type: 'rollBack', alias, from }, options)).version;
  }

  /** Takes a version out of use, for good: it can carry no alias any more. Throws TY2103 while it carries one. */
  async archive(name: string, version: number, options: ChangeOptions): Promise<void> {
    await this.#change(name, { type: 'archive', version }, options);
  }

  /** Says something more of a version: sections of its card, tags, figures measured later. */
  async annotate(name: string, version: number, annotation: Annotation, options: ChangeOptions): Promise<void> {
    await this.#change(name, { type: 'annotate', version, ...annotation }, options);
  }

  async #change<Type extends ModelChange['type']>(
    name: string,
    change: NewModelChange<Type>,
    options: ChangeOptions,
  ): Promise<ModelResultOf<Type>> {
    assertName('model', name);
    const checked = parseOrThrow(ModelChange, change, `change of model ${name}`);
    return resultOf<Type>(change.type, await changeEntity(this.options, models, name, checked, options));
  }
}
