import assert from 'node:assert/strict';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { putJson } from '../../src/artifacts/json.js';
import { verifyStore } from '../../src/housekeeping/verify.js';
import { publishHead } from '../../src/records/heads.js';
import { bytes, listed, text } from '../artifacts/support.js';
import { Call } from '../records/support.js';

describe('verifying a store', () => {
  let store: MemoryStore;
  beforeEach(() => {
    store = new MemoryStore();
  });
  const verify = (run?: string) =>
    verifyStore({ store, temporal: undefined, keeps: () => true, ...(run !== undefined && { run }) });

  it('names a damaged file with every head and run that needs it, however far down it lies', async () => {
    const graph = await store.put(bytes('graph'));
    const model = await putJson(store, { version: 1, graph });
    await publishHead(store, 'models', 'churn', { model });
    const attempt = await new Call(store).start();
    const checkpoints = await attempt.open();
    await checkpoints.save({ step: 1 }, { 'model.onnx': bytes('graph'), other: bytes('other') });
    const whole = await verify();
    assert.deepEqual([whole.objects, whole.damages], [3, []]);

    store.objects.get(graph.sha256)![0]! ^= 1;
    const { damages } = await verify();
    assert.equal(damages.length, 1);
    assert.equal(damages[0]?.what, `sha256:${graph.sha256}`);
    assert.deepEqual(
      damages[0].needs.map(({ head, run, stage }) => [head, run, stage]),
      [
        ['models/churn', undefined, undefined],
        [undefined, 'churn/run-1', 'train'],
      ],
    );
    assert.equal((await verify('churn/other')).objects, 0);
    assert.equal((await verify('churn/run-')).damages[0]?.needs.length, 1);
  });

  it('names what is missing, and a damaged document whose contents nobody knows any more', async () => {
    const model = await putJson(store, { graph: await store.put(bytes('graph')) });
    await publishHead(store, 'models', 'churn', { model });
    store.objects.delete(model.sha256);
    const { damages, objects } = await verify();
    assert.equal(objects, 1);
    assert.match(damages[0]?.problem ?? '', /is not in the store/);
    assert.equal(damages[0]?.needs[0]?.head, 'models/churn');
  });

  it('names damaged records: of curves, of logs, of checkpoints', async () => {
    const attempt = await new Call(store).start();
    attempt.metrics.add(1, { loss: 0.5 });
    await (await attempt.open()).save({ step: 1 });
    for (const kind of ['attempts', 'checkpoints', 'metrics']) {
      const key = (await listed(store, `${kind}/`))[0]!;
      const good = store.records.get(key)!;
      store.records.set(key, bytes(text(good)!.replace(/"sha256":"./, '"sha256":"_')));
      const { damages } = await verify();
      assert.deepEqual(
        damages.map(({ what, needs }) => [what, needs[0]?.run]),
        [[key, 'churn/run-1']],
      );
      store.records.set(key, good);
    }
    assert.deepEqual((await verify()).damages, []);
  });
});
