import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WorkflowFailedError } from '@temporalio/client';
import type { AskedApproval } from '../../src/client/open-approvals.js';
import { approvalsOf } from '../../src/client/open-approvals.js';
import type { PipelineClient } from '../../src/client/pipeline-client.js';
import { failureOf, type Run } from '../../src/client/run.js';
import type { OpenApproval } from '../../src/contracts/approvals.js';
import { attest } from '../../src/records/attestations.js';
import { readDecision } from '../../src/records/decisions.js';
import { testEngine } from '../support/engine.js';
import { type Told, withPipelines } from '../support/pipelines.js';
import { testSigner } from '../support/pipelines-worker.js';
import { resetTo } from '../support/reset.js';
import { until } from '../support/until.js';
import * as contracts from './fixtures/contracts.js';

const workflows = new URL('./fixtures/workflows.js', import.meta.url);
const identify = (input: { label: string }, { call }: Told) => ({ ...call, label: input.label });
const people = {
  ada: { roles: ['risk'] },
  bob: { roles: ['risk', 'ml'] },
  cyd: { roles: ['head'] },
  eve: { roles: [] },
};
const trusted = new Map([[testSigner.keyId, testSigner.publicKey]]);
const reason = 'report read';

type Setup = Parameters<Parameters<typeof withPipelines>[2]>[0];
const withPeople = (work: (setup: Setup) => Promise<void>, config = {}) =>
  withPipelines(workflows, { identify }, work, { people, ...config });

async function asked(run: Run): Promise<OpenApproval> {
  let open: OpenApproval | undefined;
  await until(async () => (open = (await run.status()).approvals[0]) !== undefined);
  return open!;
}

const startGuarded = (pipelines: PipelineClient, before = false) =>
  pipelines.start(contracts.guarded, { input: { before }, by: 'dan' });

describe('an approval with a policy', () => {
  it('takes as many people as it asks for, each once, of a role, and not the author; the store keeps how it ended', () =>
    withPeople(async ({ pipelines, store }) => {
      const run = await startGuarded(pipelines);
      await asked(run);
      const refused = async (by: string, code: string) =>
        assert.rejects(run.approve('release', { by, reason }), { code, retried: false });
      await refused('dan', 'TY2203');
      await refused(' Dan', 'TY2203');
      await refused('eve', 'TY2206');
      await run.approve('release', { by: 'ada', reason });
      await refused('Ada', 'TY2204');
      await assert.rejects(run.reject('release', { by: 'ada', reason }), { code: 'TY2204' });
      const [{ decisions }] = (await run.status()).approvals as [OpenApproval];
      assert.deepEqual(
        decisions?.map(({ by, verdict }) => ({ by, verdict })),
        [{ by: { name: 'ada', standing: 'claimed', roles: ['risk'] }, verdict: 'approved' }],
      );
      await run.approve('release', { by: 'bob', reason: 'fair enough' });
      const { verdict, by, binding } = await run.result();
      assert.deepEqual({ verdict, by }, { verdict: 'approved', by: ['ada, claimed', 'bob, claimed'] });
      const kept = await readDecision(store, binding, trusted);
      assert.equal(kept?.author.state, 'verified');
      assert.equal(kept.record.workflowId, run.workflowId);
      assert.deepEqual(kept.record.evidence, { auc: 0.8 });
      assert.deepEqual(
        kept.record.decisions.map((one) => [one.by.name, one.verdict, one.reason]),
        [
          ['ada', 'approved', reason],
          ['bob', 'approved', 'fair enough'],
        ],
      );
    }));

  it('is rejected by the first who rejects, and by two at once ends once', () =>
    withPeople(async ({ pipelines, store }) => {
      const run = await startGuarded(pipelines);
      await asked(run);
      const both = await Promise.allSettled([
        run.reject('release', { by: 'ada', reason }),
        run.reject('release', { by: 'bob', reason }),
      ]);
      assert.ok(both.some(({ status }) => status === 'fulfilled'));
      const { verdict, binding } = await run.result();
      assert.equal(verdict, 'rejected');
      assert.equal((await readDecision(store, binding, trusted))?.record.decisions.length, 1);
    }));

  it('takes verified people only where it says so: by a fresh attestation, of a trusted key, about this very question', () =>
    withPeople(async ({ pipelines }) => {
      const run = await pipelines.start(contracts.vouched, { input: {} });
      const question = await asked(run);
      const credential = { name: 'ada', how: 'oidc https://login.test', roles: [] };
      const decide = (attestation?: string, by = 'ada') =>
        run.decideOn(question, 'approved', { by, reason, ...(attestation !== undefined && { attestation }) });
      await assert.rejects(decide(), { code: 'TY2205' });
      await assert.rejects(decide('rubbish'), { code: 'TY2210' });
      await assert.rejects(decide(attest(testSigner, credential, 'another')), {
        code: 'TY2210',
        message: /another question/,
      });
      await assert.rejects(decide(attest(testSigner, credential, question.binding), 'bob'), { code: 'TY2210' });
      await assert.rejects(decide(attest({ ...testSigner, keyId: '0000' }, credential, question.binding)), {
        code: 'TY2210',
        message: /key 0000, which this worker does not trust/,
      });
      await decide(attest(testSigner, credential, question.binding));
      assert.deepEqual((await run.result()).by, ['ada, verified']);
      const history = JSON.stringify(await run.workflow.fetchHistory());
      assert.ok(Buffer.from(history).includes('markerRecorded'), 'the identity stands in history');
    }));

  it('expires as itself, with those who decided; where its policy says so, the run fails', () =>
    withPeople(async ({ pipelines }) => {
      const run = await pipelines.start(contracts.hurried, { input: {} });
      await assert.rejects(run.result(), (error: WorkflowFailedError) => {
        assert.match(failureOf(error), /"release-0" expired at .* \[TY2207\]/);
        return true;
      });
    }));

  it('refuses a run that its author may not decide where nobody says who that is', () =>
    withPeople(async ({ pipelines, project }) => {
      await assert.rejects(pipelines.start(contracts.guarded, { input: {} }), { code: 'TY2202' });
      const { client } = await testEngine();
      const options = { workflowId: `${project}/raw`, taskQueue: `${project}/pipelines`, args: [{}] };
      const raw = await client.workflow.start('guarded', options);
      await assert.rejects(raw.result(), (error) => /TY2202/.test(failureOf(error)));
    }));

  it('does not let its run go on as a new one while it is open', () =>
    withPeople(async ({ pipelines }) => {
      const run = await pipelines.start(contracts.hasty, { input: {} });
      await assert.rejects(run.result(), (error) => /TY2208/.test(failureOf(error)));
    }));
});

describe('a decision under a policy', () => {
  it('binds to its run and evidence: sent early, twice, late, or to a reset, a rerun or other evidence, it decides nothing', () =>
    withPeople(async ({ pipelines, project }) => {
      const { client } = await testEngine();
      const run = await startGuarded(pipelines, true);
      const question = await asked(run);
      const early: OpenApproval = { ...question, id: 'release-1' };
      await assert.rejects(run.decideOn(early, 'approved', { by: 'ada', reason }), {
        code: 'TY1904',
        message: /does not ask/,
      });
      const changed = { ...question, binding: '0'.repeat(64) };
      await assert.rejects(run.decideOn(changed, 'approved', { by: 'ada', reason }), { code: 'TY1904' });
      await run.decideOn(question, 'approved', { by: 'ada', reason });
      await assert.rejects(run.decideOn(question, 'approved', { by: 'ada', reason }), { code: 'TY2204' });

      const runId = await resetTo(run.workflow, 1);
      const reset = pipelines.get(run.workflowId, runId);
      const anew = await asked(reset);
      assert.notEqual(anew.binding, question.binding);
      assert.deepEqual(anew.decisions, [], 'the reset took over a decision of the run before');
      await assert.rejects(reset.decideOn(question, 'approved', { by: 'bob', reason }), { code: 'TY1904' });
      assert.deepEqual((await asked(reset)).author, 'dan');

      const fork = await startGuarded(pipelines);
      await asked(fork);
      await assert.rejects(fork.decideOn(question, 'approved', { by: 'bob', reason }), { code: 'TY1904' });

      await reset.approve('release', { by: 'ada', reason });
      await reset.approve('release', { by: 'bob', reason });
      assert.equal(((await client.workflow.result(run.workflowId, runId)) as { verdict: string }).verdict, 'approved');
      await assert.rejects(reset.decideOn(anew, 'approved', { by: 'cyd', reason }));

      const found: AskedApproval[] = [];
      await until(async () => {
        found.length = 0;
        for await (const one of pipelines.openApprovals()) found.push(one);
        return found.length > 0;
      });
      assert.deepEqual(
        found.map(({ workflowId }) => workflowId),
        [fork.workflowId],
      );
      assert.equal(found[0]?.approval.policy?.deciders, 2);
      assert.deepEqual(await approvalsOf(client, `${project}/none`), []);
      await fork.workflow.terminate();
    }));
});

describe('a reminder', () => {
  it('is posted to the webhook again until it arrives, signed; an escalation lets further roles decide', async () => {
    const posts: { headers: NodeJS.Dict<string | string[]>; body: Record<string, unknown> }[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => {
        posts.push({ headers: request.headers, body: JSON.parse(text) as Record<string, unknown> });
        response.writeHead(posts.length === 1 ? 503 : 204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const variable = `SECRET_${randomUUID().slice(0, 8)}`;
    process.env[variable] = 'whsec_c2VjcmV0';
    try {
      await withPeople(
        async ({ pipelines }) => {
          const run = await pipelines.start(contracts.nagging, { input: {} });
          await until(
            () => posts.filter(({ body }) => body['type'] === 'approval.reminder').length === 2 || posts.length > 2,
          );
          await until(() => posts.some(({ body }) => body['type'] === 'approval.escalation'));
          const ids = posts
            .filter(({ body }) => body['type'] === 'approval.reminder')
            .map(({ headers }) => headers['webhook-id']);
          assert.equal(new Set(ids).size, 1, 'a repetition has the id of what it repeats');
          assert.match(String(posts[0]?.headers['webhook-signature']), /^v1,[A-Za-z0-9+/]{43}=$/);
          assert.equal((posts[0]?.body['approval'] as { name: string }).name, 'release');
          const { notices } = await asked(run);
          assert.deepEqual(
            notices?.map(({ kind, to }) => [kind, to]),
            [
              ['reminder', 'team'],
              ['escalation', 'heads'],
            ],
          );
          await run.approve('release', { by: 'cyd', reason });
          assert.equal((await run.result()).verdict, 'approved');
        },
        {
          secrets: { HOOK_KEY: { from: 'env', name: variable } },
          webhooks: { team: { url, secret: 'HOOK_KEY' }, heads: { url } },
        },
      );
    } finally {
      Reflect.deleteProperty(process.env, variable);
      server.close();
    }
  });

  it('that cannot be sent stops nothing, and is shown', () =>
    withPeople(async ({ pipelines }) => {
      const run = await pipelines.start(contracts.nagging, { input: {} });
      await until(async () => (await asked(run)).notices?.length === 2);
      await until(async () => (await asked(run)).notices?.every(({ failure }) => failure?.includes('TY2211')) === true);
      await run.approve('release', { by: 'ada', reason });
      assert.equal((await run.result()).verdict, 'approved');
    }));
});
