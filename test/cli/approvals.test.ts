/** Approvals with a policy from the command line: listed, shown, decided by name and by token. @module */
import assert from 'node:assert/strict';
import type { Run } from '../../src/client/run.js';
import { guarding } from '../integration/project/contracts.js';
import { jsonLines, runCommand, startCommand } from '../support/cli.js';
import { startOidcProvider } from '../support/oidc-provider.js';
import { useProject } from '../support/project.js';
import { until } from '../support/until.js';

const keyIn = (text: string) => /by key ([0-9a-f]{16})/.exec(text)?.[1];

describe('trainyard approvals', function () {
  this.timeout(120_000);
  const running = useProject({ pools: ['pipelines'] });
  const command = (args: string[], env?: Record<string, string>) =>
    runCommand(running().folder, ['approvals', ...args], env);
  const decision = (run: Run, verb: string) => [verb, 'promotion', '--run', run.workflowId, '--reason', 'report read'];

  async function asking(workflowId: string) {
    const { pipelines } = running();
    const run = await pipelines.start(guarding, { workflowId, input: { evidence: { auc: 0.9 } }, by: 'dan' });
    await until(async () => (await run.status()).approvals.length === 1);
    return run;
  }

  it('lists what runs ask, shows one with its policy, and how it ended; a token makes the decider a verified one', async () => {
    const run = await asking('asks');
    // Which runs there are is looked up in Temporal's visibility, which lags behind.
    await until(async () => jsonLines((await command(['ls', '--json'])).stdout).length === 1);
    assert.match((await command(['ls'])).stdout, /^promotion +0 of 2 +expires in \d+ h \d+ m +small\/asks by risk\n$/);
    const own = await command([...decision(run, 'approve'), '--by', 'dan']);
    assert.deepEqual([own.code, own.stdout], [1, '']);
    assert.match(own.stderr, /small\/asks: dan started this run, and its author may not decide.*\[TY2203\]/);
    assert.match((await command([...decision(run, 'approve'), '--token', 'x.y.z'])).stderr, /\[TY2209\]/);
    assert.equal((await command([...decision(run, 'approve'), '--by', 'ada'])).code, 0);

    const provider = await startOidcProvider();
    const env = { TEST_ISSUER: provider.issuer };
    try {
      const forged = await provider.token({ preferred_username: 'bob' }, true);
      assert.match((await command(decision(run, 'approve'), { ...env, TRAINYARD_TOKEN: forged })).stderr, /\[TY2213\]/);
      const shown = (await command(['show', 'asks'])).stdout;
      assert.match(shown, /policy +2 people approve, anybody rejects, of the roles risk, not the author\n/);
      assert.match(shown, /approved +ada \(claimed\) at .*: report read\n/);
      assert.match(shown, /author +dan \(claimed\)\n/);
      const token = await provider.token({ preferred_username: 'bob' });
      const verified = await command([...decision(run, 'approve'), '--token', token], env);
      assert.equal(verified.stdout, 'approved "promotion" of small/asks as bob, verified\n', verified.stderr);
    } finally {
      provider.close();
    }
    const { verdict, by, binding } = await run.result();
    assert.deepEqual({ verdict, by }, { verdict: 'approved', by: ['ada, claimed', 'bob, verified'] });
    const ended = (await command(['show', binding])).stdout;
    assert.match(ended, /^promotion-0 of guarding small\/asks: approved at /);
    assert.ok(ended.includes(`approved   bob (verified by oidc ${provider.issuer}) at `), ended);
    assert.match(ended, /author +dan \(claimed\)\n/);
    assert.match(ended, /record +[0-9a-f]{64}, signed by key [0-9a-f]{16}, which is trusted\n/);
    assert.match((await command(['show', 'f'.repeat(64)])).stderr, /\[TY1905\]/);
    const listed = (await command(['ls', '--ended'])).stdout;
    assert.match(
      listed,
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  approved  promotion  small\/asks  ada, bob  [0-9a-f]{64}\n$/,
    );
    const [kept] = jsonLines((await command(['ls', '--ended', '--json'])).stdout);
    assert.deepEqual([kept?.['binding'], kept?.['author']], [binding, { state: 'verified', keyId: keyIn(ended) }]);
    assert.equal((await command(['show', 'asks'])).stdout, 'small/asks asks for no approval\n');
  });

  it('serves the page until it is told to stop', async () => {
    const serving = startCommand(running().folder, ['approvals', 'serve', '--port', '0']);
    await serving.says(/approvals of small at http:\/\/127\.0\.0\.1:\d+\n/);
    const [address = ''] = /http:\S+/.exec(serving.written()) ?? [];
    const page = await fetch(address);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /Nothing to decide|open<\/h1>/);
    serving.child.kill('SIGTERM');
    assert.equal((await serving.ended).code, 0);
    const alone = await command(['serve', '--client-ca', 'ca.crt']);
    assert.equal(alone.code, 2, alone.stderr);
  });

  it('ends a run by one rejection', async () => {
    const run = await asking('declined');
    assert.equal((await command([...decision(run, 'reject'), '--by', 'bob'])).code, 0);
    assert.deepEqual((await run.result()).verdict, 'rejected');
  });
});
