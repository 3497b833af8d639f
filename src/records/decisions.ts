/** Decisions of people, kept when an approval ends: found by the binding that changes name as what allowed them. @module */
import { digestJson, sha256 } from '../artifacts/digest.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { bindingOf } from '../contracts/approvals.js';
import { DecisionRecord } from '../contracts/decisions.js';
import { TrainyardError } from '../contracts/errors.js';
import { decisionKey, decisionsFolder } from './layout.js';
import { createRecord, readRecord, signedWords, unreadable } from './sealed-records.js';
import { type Authorship, authorOf, type Signer, type TrustedKeys } from './signing.js';

/** A decision, and who vouches for its record. */
export interface KeptDecision {
  readonly binding: string;
  readonly record: DecisionRecord;
  readonly author: Authorship;
}

/** Keeps how an approval ended, once, and gives its binding; the first word stays. Throws TY1301 for evidence of another digest. */
export async function keepDecision(
  store: ArtifactStore,
  decision: DecisionRecord,
  signer: Signer | undefined,
): Promise<string> {
  const record = DecisionRecord.parse(decision);
  const binding = bindingOfRecord(record);
  const key = decisionKey(binding);
  assertOwnEvidence(key, record);
  await createRecord(store, key, record, signer);
  return binding;
}

/**
 * The decision with a binding; undefined when there is none. Throws TY1301 for a damaged record and for one whose words have another binding,
 * TY1310 for a wrong signature.
 */
export async function readDecision(
  store: ArtifactStore,
  binding: string,
  trusted: TrustedKeys,
): Promise<KeptDecision | undefined> {
  const key = decisionKey(binding);
  const sealed = await readRecord(store, key, DecisionRecord);
  if (sealed === undefined) return undefined;
  const { body: record, sha256: digest, signature } = sealed;
  assertOwnEvidence(key, record);
  if (bindingOfRecord(record) !== binding) throw unreadable(key, 'its words have another binding');
  return { binding, record, author: authorOf(signedWords(key, digest), signature, trusted, `the record ${key}`) };
}

/** So many records are read side by side. */
const readAhead = 32;

/** All decisions of a store, in no order of time; one that cannot be read is its error. */
export async function* keptDecisions(
  store: ArtifactStore,
  trusted: TrustedKeys,
): AsyncGenerator<KeptDecision | TrainyardError, void, undefined> {
  let page: string[] = [];
  const readPage = () => Promise.all(page.map((binding) => readDecision(store, binding, trusted).catch(damaged)));
  for await (const key of store.list(decisionsFolder)) {
    page.push(decodeURIComponent(key.slice(decisionsFolder.length, -'.json'.length)));
    if (page.length < readAhead) continue;
    for (const found of await readPage()) if (found) yield found;
    page = [];
  }
  for (const found of await readPage()) if (found) yield found;
}

function damaged(error: unknown): TrainyardError {
  if (error instanceof TrainyardError && !error.retried) return error;
  throw error;
}

function bindingOfRecord(record: DecisionRecord): string {
  return sha256(bindingOf(record));
}

function assertOwnEvidence(key: string, { evidence, evidenceDigest }: DecisionRecord): void {
  if (digestJson(evidence) !== evidenceDigest) throw unreadable(key, 'its evidence has another digest');
}
