import assert from 'node:assert/strict';
import {
  type ApprovalPolicyOptions,
  checkPolicy,
  isOvertaken,
  noticesOf,
} from '../../src/contracts/approval-policy.js';
import { verdictOf, whyRefused } from '../../src/contracts/decision-rules.js';
import type { PersonalDecision } from '../../src/contracts/decisions.js';

const policy = (options: object) => checkPolicy('approval promotion', options as ApprovalPolicyOptions);
const decided = (name: string, verdict: PersonalDecision['verdict']): PersonalDecision => ({
  by: { name, standing: 'claimed' },
  verdict,
  reason: 'read',
  at: '2026-11-21T00:00:00.000Z',
});

describe('a policy of an approval', () => {
  it('is refused where nothing could be decided by it, or a rule is misspelt', () => {
    const refused = (options: object, code: string, message: RegExp) =>
      assert.throws(() => policy(options), { code, message });
    refused({}, 'TY1003', /expiresIn: write a number, a space and a unit/);
    refused({ expiresIn: 'soon' }, 'TY1003', /like "3 days"/);
    refused({ expiresIn: '1 day', decider: 2 }, 'TY1003', /decider/);
    refused({ expiresIn: '1 day', deciders: 0 }, 'TY1003', /deciders/);
    refused({ expiresIn: '0 days' }, 'TY2201', /no time at all/);
    refused({ expiresIn: '1 day', remind: { to: 'x', after: '1 day' } }, 'TY2201', /first reminder/);
    refused({ expiresIn: '1 day', escalate: { to: 'x', after: '2 days' } }, 'TY2201', /first escalation/);
    refused({ expiresIn: '1 day', remind: { to: 'x', after: '1 hour', every: '1 second' } }, 'TY2201', /one minute/);
    refused({ expiresIn: '30 days', remind: { to: 'x', after: '1 hour', every: '1 hour' } }, 'TY2201', /more than 100/);
  });

  it('says what is due when, in order', () => {
    const day = 86_400_000;
    const remind = { to: 'team', after: '2 days', every: '3 days' };
    const notices = noticesOf(policy({ expiresIn: '9 days', remind, escalate: { to: 'head', after: '4 days' } }));
    assert.deepEqual(
      notices.map(({ to, afterMs }) => [to, afterMs / day]),
      [
        ['team', 2],
        ['head', 4],
        ['team', 5],
        ['team', 8],
      ],
    );
  });

  it('reminds once for all reminders that were missed, and escalates', () => {
    const day = 86_400_000;
    const remind = { to: 'team', after: '2 days', every: '3 days' };
    const notices = noticesOf(policy({ expiresIn: '21 days', remind, escalate: { to: 'head', after: '10 days' } }));
    const sentAfter = (days: number) =>
      notices.flatMap(({ to, afterMs }, at) =>
        afterMs > days * day || isOvertaken(notices, at, days * day) ? [] : [`${to} ${afterMs / day}`],
      );
    assert.deepEqual(sentAfter(1), []);
    assert.deepEqual(sentAfter(2), ['team 2']);
    assert.deepEqual(sentAfter(9), ['team 8']);
    assert.deepEqual(sentAfter(20.5), ['head 10', 'team 20']);
  });

  it('counts approvals and rejections apart', () => {
    const rules = policy({ expiresIn: '1 day', deciders: 2, rejections: 2 });
    assert.equal(verdictOf(rules, [decided('ada', 'approved'), decided('bob', 'rejected')]), undefined);
    assert.equal(
      verdictOf(
        rules,
        ['ada', 'bob'].map((name) => decided(name, 'approved')),
      ),
      'approved',
    );
    assert.equal(
      verdictOf(
        rules,
        ['ada', 'bob'].map((name) => decided(name, 'rejected')),
      ),
      'rejected',
    );
  });

  it('knows people again however they write their name, and roles of an escalation once it is due', () => {
    const rules = policy({
      expiresIn: '2 days',
      notAuthor: true,
      roles: ['risk'],
      escalate: { to: 'x', after: '1 day', roles: ['head'] },
    });
    const question = { id: 'promotion-0', policy: rules, author: 'Dan', decisions: [decided('ada', 'approved')] };
    const why = (name: string, roles: string[], escalated = false) =>
      whyRefused({ ...question, escalated }, { name, standing: 'claimed', roles })?.code;
    assert.equal(why(' dan', ['risk']), 'TY2203');
    assert.equal(why('ADA', ['risk']), 'TY2204');
    assert.equal(why('cyd', ['head']), 'TY2206');
    assert.equal(why('cyd', ['head'], true), undefined);
    assert.equal(why('bob', ['ml', 'risk']), undefined);
  });
});
