/** How approvals ended, as records. @module */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { sha256 } from '../../src/artifacts/digest.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { bindingOf } from '../../src/contracts/approvals.js';
import { keepDecision, readDecision } from '../../src/records/decisions.js';
import { decisionKey } from '../../src/records/layout.js';
import { createRecord } from '../../src/records/sealed-records.js';
import { keyIdOf, signerOf } from '../../src/records/signing.js';
import { decision } from './decision.js';

const { privateKey } = generateKeyPairSync('ed25519');
const signer = signerOf(privateKey);
const trusted = new Map([[signer.keyId, createPublicKey(privateKey)]]);
describe('the record of a decision', () => {
  it('is found by its binding, with who vouches for it; the first word stays', async () => {
    const store = new MemoryStore();
    const binding = await keepDecision(store, decision, signer);
    assert.equal(binding, sha256(bindingOf(decision)));
    await keepDecision(store, { ...decision, verdict: 'rejected' }, signer);
    const kept = await readDecision(store, binding, trusted);
    assert.deepEqual(kept?.record, decision);
    assert.deepEqual(kept.author, { state: 'verified', keyId: keyIdOf(createPublicKey(privateKey)) });
    assert.equal(await readDecision(store, 'f'.repeat(64), trusted), undefined);
  });

  it('is refused with other evidence, and under the binding of another question', async () => {
    const store = new MemoryStore();
    await assert.rejects(keepDecision(store, { ...decision, evidence: { auc: 1 } }, signer), { code: 'TY1301' });
    const binding = 'b'.repeat(64);
    await createRecord(store, decisionKey(binding), decision, signer);
    await assert.rejects(readDecision(store, binding, trusted), { code: 'TY1301' });
  });
});
