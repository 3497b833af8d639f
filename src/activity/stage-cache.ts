/** A stage's cache: a result is taken where it was made before from the same input, code and packages, and made once where two need it. @module */
import type { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import { codeClosure, type CodeClosure } from '../cache/code-closure.js';
import { environmentDigest } from '../cache/environment-digest.js';
import { sha256 } from '../artifacts/digest.js';
import { canonicalJson } from '../contracts/canonical-json.js';
import { parseOrThrow } from '../contracts/contract-violation.js';
import type { StageContract } from '../contracts/define-stage.js';
import type { CacheSource, StageEnvelope } from '../contracts/envelope.js';
import { TrainyardError } from '../contracts/errors.js';
import { Ref } from '../contracts/refs.js';
import { cacheKey, type CacheParts, publishCacheEntry, readCacheEntry } from '../records/cache-entries.js';
import type { CacheClaims, Claimant } from './cache-claim.js';
import type { StageImplementation } from './implement-stage.js';

/** What the caches of a worker's stages stand on. */
export interface CacheOptions {
  readonly store: ArtifactStore;
  /** @default the working directory */
  readonly projectFolder?: string;
}

/** One attempt that asks its stage's cache. */
export interface CacheQuery {
  readonly input: unknown;
  readonly source: CacheSource;
  readonly claimant: Claimant;
  readonly claims: CacheClaims;
}

/** What the cache answers. */
export type CacheAnswer =
  | { readonly hit: true; readonly envelope: StageEnvelope }
  /** The caller makes the result. `keep` publishes it, `letGo` lets others make it. */
  | { readonly hit: false; readonly parts: CacheParts; keep(output: unknown): Promise<void>; letGo(): Promise<void> }
  /** This run makes it. */
  | { readonly hit: 'awaited'; readonly run: string };

/** Longer values are compared by their digest. */
const longestValue = 200;

/** The cache of one stage. */
export class StageCache {
  readonly #contract: StageContract;
  readonly #source: string;
  readonly #options: CacheOptions;
  #fixed: { readonly code: CodeClosure; readonly environment: string } | undefined;

  /** @throws TrainyardError TY1120 for code whose module is not known. */
  constructor({ contract, source }: StageImplementation, options: CacheOptions) {
    if (source === undefined)
      throw new TrainyardError('TY1120', `stage ${contract.name} is cached, and nothing tells where its code is`);
    this.#contract = contract;
    this.#source = source;
    this.#options = options;
  }

  /** The stage's name. */
  get stage(): string {
    return this.#contract.name;
  }

  /** Finds the result, or who makes it. Throws TY1003 for an input that breaks the contract, TY1120, TY1121 for code that has no key. */
  async ask({ input, source, claimant, claims }: CacheQuery): Promise<CacheAnswer> {
    const { name } = this.#contract;
    const { store } = this.#options;
    const parts = await this.#parts(input);
    const key = cacheKey(parts);
    const found = await this.#find(key, parts);
    if (found) return { hit: true, envelope: found };
    const other = await claims.take(key, claimant);
    if (other) return { hit: 'awaited', run: other.workflowId };
    // Whoever had the claim before may have left a result since the first look.
    const late = await this.#find(key, parts);
    const letGo = () => claims.release(key);
    if (late) {
      await letGo();
      return { hit: true, envelope: late };
    }
    return {
      hit: false,
      parts,
      letGo,
      keep: async (output) => {
        // The contract has checked that it is JSON.
        await publishCacheEntry(store, name, { parts, output: output as z.output<ReturnType<typeof z.json>>, source });
        await letGo();
      },
    };
  }

  async #parts(input: unknown): Promise<CacheParts> {
    const { input: schema, name, version } = this.#contract;
    const { projectFolder = process.cwd() } = this.#options;
    // Once for each worker: its code does not change under it. What could not be read is read again by the next attempt.
    this.#fixed ??= {
      code: await codeClosure(this.#source, projectFolder),
      environment: await environmentDigest(projectFolder),
    };
    const parsed = parseOrThrow(schema, input, `stage ${name}: input`);
    const fields = Object.entries(parsed).map(
      ([field, value]) => [field, brief(canonicalJson(value ?? null))] as const,
    );
    return { contract: `${name}@${version}`, ...this.#fixed, input: Object.fromEntries(fields) };
  }

  /** A result whose artifacts the store does not hold any more is none. */
  async #find(key: string, parts: CacheParts): Promise<StageEnvelope | undefined> {
    const { store } = this.#options;
    const entry = await readCacheEntry(store, this.#contract.name, key);
    if (entry === undefined || !(await holdsAll(store, entry.output))) return undefined;
    const at = new Date().toISOString();
    const { output, source } = entry;
    const log = {
      attempts: [
        {
          token: key,
          events: [
            { event: 'cache', parts, source, at },
            { event: 'end', outcome: 'completed', at },
          ],
        },
      ],
    };
    return { output, attempts: 1, log, cached: source };
  }
}

function brief(value: string): string {
  return value.length <= longestValue ? value : `sha256:${sha256(value)}`;
}

/** Reads the first bytes of whatever the output refers to. */
async function holdsAll(store: ArtifactStore, value: unknown): Promise<boolean> {
  if (typeof value !== 'object' || value === null) return true;
  const ref = Ref.safeParse(value);
  if (ref.success) {
    try {
      const chunks = store.get(ref.data)[Symbol.asyncIterator]();
      await chunks.next();
      await chunks.return?.();
    } catch (error) {
      if (error instanceof TrainyardError) return false;
      throw error;
    }
  }
  for (const inner of Object.values(value)) if (!(await holdsAll(store, inner))) return false;
  return true;
}
