import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { latestDeployment, publishDeployment } from '../../src/records/deployments.js';

const tokens = ['0000-1795000000001-0001-aaaaaaaa', '0000-1795000000002-0002-bbbbbbbb'] as const;

describe('publishing a deployment', () => {
  const publish = (store: ArtifactStore, sha256: string, stageKey: string, token: string) =>
    publishDeployment(store, 'late', {
      model: { uri: `artifact://sha256/${sha256}`, sha256, sizeBytes: 1 },
      attempt: { stageKey, token },
      publishedBy: { workflowId: 'w', runId: 'r' },
    });
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)] as const;

  it('refuses a zombie after a later attempt of its call, even when others published since', async () => {
    const store = new MemoryStore();
    await publish(store, a, 'w/deploy-1', tokens[1]);
    await publish(store, b, 'w/deploy-2', tokens[0]);
    await assert.rejects(publish(store, a, 'w/deploy-1', tokens[0]), { code: 'TY1701' });
    assert.equal((await latestDeployment(store, 'late'))?.body.model?.sha256, b);
  });

  it('gives each of many at once a generation of its own, without gaps', async () => {
    const store = new MemoryStore();
    const heads = await Promise.all(
      Array.from({ length: 12 }, (_, call) => publish(store, a, `w/deploy-${call}`, tokens[0])),
    );
    assert.deepEqual(
      heads.map(({ generation }) => generation).sort((x, y) => x - y),
      Array.from({ length: 12 }, (_, n) => n + 1),
    );
  });
});
