/** What is spent of a budget: each worker process keeps a ledger in the store for each scope, and the sum of all holds. @module */
import { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import { Spent } from '../contracts/budget.js';
import { TrainyardError } from '../contracts/errors.js';
import { newToken, parseRecordKey, sequenceKey, spendFolder } from './layout.js';
import { createRecord, readRecord } from './sealed-records.js';

const Entry = z.object({ version: z.literal(1), spent: Spent });

const nothing: Spent = { deviceHours: 0, cost: 0 };

/** What all processes have spent in a scope, as far as they have written it down. */
export async function readSpent(store: ArtifactStore, scope: string): Promise<Spent> {
  return sumOf((await readLedgers(store, scope)).values());
}

/** One process's ledger of one scope: each entry is the sum so far. */
export class SpendLedger {
  readonly #store: ArtifactStore;
  readonly #scope: string;
  readonly #token = newToken({ generation: 0, scheduledMs: Date.now(), attempt: 1 });
  #seq = 0;
  #written: Spent = nothing;

  constructor(store: ArtifactStore, scope: string) {
    this.#store = store;
    this.#scope = scope;
  }

  /** Writes down what this process has spent; durable when the promise resolves. Only the last two entries stay. */
  async write(spent: Spent): Promise<void> {
    if (spent.cost === this.#written.cost && spent.deviceHours === this.#written.deviceHours) return;
    const folder = spendFolder(this.#scope);
    const entry = { version: 1, spent } satisfies z.input<typeof Entry>;
    // A key that exists is one of ours, whose answer was lost.
    while (!(await createRecord(this.#store, sequenceKey(folder, this.#token, ++this.#seq), entry)));
    this.#written = spent;
    if (this.#seq > 2) await this.#store.housekeeping.removeRecord(sequenceKey(folder, this.#token, this.#seq - 2));
  }

  /** What the other processes have written down. */
  async others(): Promise<Spent> {
    const ledgers = await readLedgers(this.#store, this.#scope);
    ledgers.delete(this.#token);
    return sumOf(ledgers.values());
  }
}

/** The newest good entry of each ledger, by its token; where that is damaged, the one before it is there. */
async function readLedgers(store: ArtifactStore, scope: string): Promise<Map<string, Spent>> {
  const ledgers = new Map<string, Spent>();
  const keys: string[] = [];
  for await (const key of store.list(spendFolder(scope))) keys.push(key);
  for (const key of keys.reverse()) {
    const token = parseRecordKey(key)?.token;
    if (token === undefined || ledgers.has(token)) continue;
    const entry = await readRecord(store, key, Entry).catch((error: unknown) => {
      if (error instanceof TrainyardError) return undefined;
      throw error;
    });
    if (entry) ledgers.set(token, entry.body.spent);
  }
  return ledgers;
}

/** The sum of two or more. */
export function sumOf(all: Iterable<Spent>): Spent {
  let { deviceHours, cost } = nothing;
  for (const spent of all) {
    deviceHours += spent.deviceHours;
    cost += spent.cost;
  }
  return { deviceHours, cost };
}
