/** Reads the registry from the store alone: no engine, no worker. @module */
import { TrainyardError } from '../contracts/errors.js';
import { models, type ModelState } from '../contracts/model-registry.js';
import { entityHistory, type HeadSource } from '../records/entity-heads.js';
import {
  type AliasAsOf,
  aliasAsOf,
  type Change,
  changeOf,
  modelHead,
  type ModelHead,
  type RegisteredVersion,
  versionAt,
} from '../records/model-heads.js';
import { namesOfKind } from '../records/heads.js';
import { cardMarkdown } from '../reports/card-markdown.js';
import { cardPage } from '../reports/card-page.js';
import { type Comparison, compareVersions } from '../reports/compare-versions.js';
import { modelCardOf } from '../reports/model-card.js';
import { factsOf } from '../reports/version-facts.js';

/** A line of a model's history. */
export interface ModelEvent extends Change {
  readonly change: ModelHead['request']['change'];
  readonly result: ModelHead['result'];
}

/**
 * The registry, read.
 * @example
 * const reader = new ModelReader({ store, trusted: trustedKeys('.') });
 * const { version } = await reader.asOf('churn', 'champion', '2026-03-01T12:00Z');
 */
export class ModelReader {
  constructor(protected readonly source: HeadSource) {}

  /** Every model that has a version, ascending. */
  names(): Promise<string[]> {
    return namesOfKind(this.source.store, models.kind);
  }

  /** Number of the next version, aliases, archived versions. Throws TY2101 for no model. */
  async state(name: string): Promise<ModelState> {
    return (await modelHead(this.source, name)).state;
  }

  /** A version by its number or by an alias. Throws TY2101 where there is none. */
  async get(name: string, versionOrAlias: number | string): Promise<RegisteredVersion> {
    const head = await modelHead(this.source, name);
    return versionAt(this.source, name, head, numberOf(name, head.state, versionOrAlias));
  }

  /** Versions, newest first. @param options.below only those with a smaller number */
  async versions(
    name: string,
    { limit = 20, below = Infinity }: { readonly limit?: number; readonly below?: number } = {},
  ): Promise<RegisteredVersion[]> {
    const head = await modelHead(this.source, name);
    const last = Math.min(head.state.next, below) - 1;
    const numbers = Array.from({ length: Math.max(0, Math.min(limit, last)) }, (_, at) => last - at);
    return Promise.all(numbers.map((version) => versionAt(this.source, name, head, version)));
  }

  /** Metrics, parameters, data and latency of versions side by side. */
  async compare(name: string, versions: readonly (number | string)[]): Promise<Comparison> {
    const registered = await Promise.all(versions.map((version) => this.get(name, version)));
    return compareVersions(await Promise.all(registered.map((version) => factsOf(this.source.store, version))));
  }

  /** The model card of a version; {@link keepOwn} puts it into a file that people have written into. */
  async card(name: string, version: number | string, format: 'markdown' | 'html' = 'markdown'): Promise<string> {
    const { store } = this.source;
    const card = await modelCardOf(store, await factsOf(store, await this.get(name, version)));
    return format === 'html' ? cardPage(card) : cardMarkdown(card);
  }

  /** What an alias pointed at, at a time (ISO 8601), and by whose word. Throws TY2101 where it pointed at nothing. */
  asOf(name: string, alias: string, time: string): Promise<AliasAsOf> {
    return aliasAsOf(this.source, name, alias, new Date(time).toISOString());
  }

  /** Every change in order. */
  async *history(
    name: string,
    { from = 1 }: { readonly from?: number } = {},
  ): AsyncGenerator<ModelEvent, void, undefined> {
    for await (const head of entityHistory(this.source, models, name, from))
      yield { ...changeOf(head), change: head.request.change, result: head.result };
  }
}

function numberOf(name: string, { aliases }: ModelState, versionOrAlias: number | string): number {
  if (typeof versionOrAlias === 'number') return versionOrAlias;
  if (/^\d+$/.test(versionOrAlias)) return Number(versionOrAlias);
  const held = Object.hasOwn(aliases, versionOrAlias) ? aliases[versionOrAlias] : undefined;
  if (held === undefined) throw new TrainyardError('TY2101', `model ${name} has no alias "${versionOrAlias}"`);
  return held.version;
}
