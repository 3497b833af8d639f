import assert from 'node:assert/strict';
import { defineProject, maxRunsOf } from '../../src/contracts/define-project.js';
import { temporalPriority } from '../../src/contracts/priority.js';

describe('a priority', () => {
  it("is Temporal's, with the tenant as fairness key unless one is given", () => {
    assert.equal(temporalPriority({}), undefined);
    assert.deepEqual(temporalPriority({ priority: 1, tenant: 'acme' }), { priorityKey: 1, fairnessKey: 'acme' });
    assert.deepEqual(temporalPriority({ tenant: 'acme', fairnessKey: 'big', fairnessWeight: 2 }), {
      fairnessKey: 'big',
      fairnessWeight: 2,
    });
  });

  it('is refused where Temporal would refuse or bend it', () => {
    for (const wrong of [{ priority: 0 as never }, { priority: 1.5 as never }, { fairnessKey: 'ö'.repeat(33) }])
      assert.throws(() => temporalPriority(wrong), { code: 'TY1008' });
    for (const fairnessWeight of [0, 1_001, NaN])
      assert.throws(() => temporalPriority({ fairnessWeight }), { code: 'TY1008' });
    assert.throws(() => temporalPriority({ tenant: 'a/b' }), { code: 'TY1006' });
  });
});

describe('slots and caps of a project', () => {
  const pools = { cpu: {} };

  it('hold for a tenant by name, else for all', () => {
    const project = defineProject({ name: 'shop', pools, tenants: { acme: { maxRuns: 3 }, '*': { maxRuns: 10 } } });
    assert.deepEqual([maxRunsOf(project, 'acme'), maxRunsOf(project, 'other')], [3, 10]);
    assert.equal(maxRunsOf({}, 'acme'), undefined);
    assert.equal(maxRunsOf({ tenants: {} }, 'constructor'), undefined);
  });

  it('are refused where they cannot be counted', () => {
    const refused = (options: object) => () => defineProject({ name: 'shop', pools, ...options });
    for (const wrong of [
      { pools: { cpu: { slots: 0 } } },
      { pools: { cpu: { slots: 1.5 } } },
      { pools: { cpu: { yieldAfter: '5 seconds' } } },
      { tenants: { acme: { maxRuns: 0 } } },
    ])
      assert.throws(refused(wrong), { code: 'TY1112' });
    assert.throws(refused({ pools: { cpu: { slots: 1, yieldAfter: 'soon' } } }), { code: 'TY1001' });
    assert.throws(refused({ tenants: { 'a b': { maxRuns: 1 } } }), { code: 'TY1006' });
  });
});
