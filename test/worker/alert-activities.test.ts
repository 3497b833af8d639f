/** Sending an alert to all sinks of a project, tried again as Temporal does. @module */
import assert from 'node:assert/strict';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { defineProject } from '../../src/contracts/define-project.js';
import { type Delivery, sendAlertActivity } from '../../src/contracts/alerts.js';
import { alertActivities } from '../../src/worker/alert-activities.js';
import { firing } from '../alerts/examples.js';
import { type LocalServer, startServer } from '../alerts/local-server.js';

const pools = { cpu: {} };
const logger = new DefaultLogger('ERROR');
const attempt = (heartbeatDetails?: unknown) => new MockActivityEnvironment({ heartbeatDetails }, { logger });

describe('sending an alert', () => {
  let server: LocalServer;
  let down: boolean;
  beforeEach(async () => {
    down = false;
    server = await startServer(({ path }) => {
      if (path === '/refuses') return { status: 403 };
      // A wait that is too long for the sink, so that the test need not wait for its tries.
      return down && path === '/down' ? { status: 503, headers: { 'retry-after': '60' } } : { status: 200 };
    });
  });
  afterEach(() => server.close());

  const hook = (path: string) => ({ kind: 'webhook', url: `${server.url}/${path}` }) as const;
  const count = (path: string) => server.asked.filter((asked) => asked.path === path).length;

  it('reaches every sink that wants it, and says which refused it', async () => {
    const alertmanager = { kind: 'alertmanager', url: server.url } as const;
    const alerts = [hook('a'), { ...hook('b'), atLeast: 'critical' as const }, hook('refuses'), alertmanager];
    const { [sendAlertActivity]: send } = alertActivities(defineProject({ name: 'p', pools, alerts }));
    const delivery: Delivery = await attempt().run(send, firing);
    const host = new URL(server.url).host;
    assert.deepEqual(delivery.sent, [`webhook ${host}`, `alertmanager ${host}`]);
    assert.deepEqual(delivery.skipped, [`webhook ${host} (2)`]);
    assert.deepEqual(
      delivery.refused.map(({ sink }) => sink),
      [`webhook ${host} (3)`],
    );
    assert.match(delivery.refused[0]!.problem, /403.*\[TY2503\]/);
  });

  it('fails while one is down, and the next try leaves out those that were reached', async () => {
    down = true;
    const project = defineProject({ name: 'p', pools, alerts: [hook('down'), hook('up')] });
    const { [sendAlertActivity]: send } = alertActivities(project);
    const first = attempt();
    let heartbeat: unknown;
    first.on('heartbeat', (details: unknown) => (heartbeat = details));
    await assert.rejects(first.run(send, firing), { code: 'TY2502' });
    down = false;
    const delivery: Delivery = await attempt(heartbeat).run(send, firing);
    assert.equal(delivery.sent.length, 2);
    assert.deepEqual([count('/down'), count('/up')], [2, 1]);
  });

  it('signs with the value of the project’s secret, and fails for that sink alone where this worker lacks it', async () => {
    const secrets = { TRAINYARD_TEST_HOOK: { from: 'env' } } as const;
    const project = defineProject({
      name: 'p',
      pools,
      secrets,
      alerts: [{ ...hook('a'), secret: 'TRAINYARD_TEST_HOOK' }, hook('b')],
    });
    const { [sendAlertActivity]: send } = alertActivities(project);
    await assert.rejects(async () => attempt().run(send, firing), { code: 'TY1109' });
    assert.deepEqual([count('/a'), count('/b')], [0, 1]);
    process.env['TRAINYARD_TEST_HOOK'] = 'secret';
    try {
      await attempt().run(send, firing);
    } finally {
      delete process.env['TRAINYARD_TEST_HOOK'];
    }
    const signed = server.asked.find(({ path }) => path === '/a');
    assert.match(String(signed?.headers['webhook-signature']), /^v1,/);
  });

  it('does not try a broken alert again', async () => {
    const { [sendAlertActivity]: send } = alertActivities(defineProject({ name: 'p', pools }));
    await assert.rejects(async () => attempt().run(send, { ...firing, status: 'resolved' }), {
      nonRetryable: true,
      message: /alert\.endedAt/,
    });
  });
});

describe('a project’s alert sinks', () => {
  const declare = (alerts: Parameters<typeof defineProject>[0]['alerts'], secrets = {}) =>
    defineProject({ name: 'p', pools, secrets, alerts });

  it('are refused without a usable address or a declared secret', () => {
    const code = 'TY2501';
    assert.throws(() => declare([{ kind: 'webhook', url: 'hooks.example.com' }]), { code });
    assert.throws(() => declare([{ kind: 'webhook', url: 'https://me:pass@example.com' }]), { code });
    assert.throws(() => declare([{ kind: 'webhook', url: 'https://example.com', secret: 'KEY' }]), {
      code,
      message: /alerts\[0\] \(webhook\) names the secret KEY, which is not declared/,
    });
    const incident = { kind: 'servicenow', instance: 'dev1', user: 'SN_USER', password: 'SN_PASSWORD' } as const;
    assert.throws(() => declare([incident], { SN_USER: { from: 'env' } }), { code, message: /SN_PASSWORD/ });
    assert.throws(() => declare([{ kind: 'alertmanager', url: 'http://am:9093', holdFor: 'long' as '1 hour' }]), {
      code: 'TY1001',
    });
    declare([incident], { SN_USER: { from: 'env' }, SN_PASSWORD: { from: 'env' } });
  });
});
