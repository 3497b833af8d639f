/** Alerts to an Alertmanager: the shape of its API v2. @module */
import assert from 'node:assert/strict';
import { alertmanagerSink } from '../../src/alerts/alertmanager-sink.js';
import { firing, resolved } from './examples.js';
import { type LocalServer, startServer } from './local-server.js';

interface Posted {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

describe('an Alertmanager', () => {
  let server: LocalServer;
  beforeEach(async () => {
    server = await startServer(() => ({ status: 200 }));
  });
  afterEach(() => server.close());

  it('gets a list of one alert with labels, annotations and an end that is far off', async () => {
    await alertmanagerSink({ url: `${server.url}/` }).send(firing);
    const { method, path, json } = server.asked[0]!;
    assert.deepEqual([method, path], ['POST', '/api/v2/alerts']);
    const [{ endsAt, ...posted }, ...others] = json as [Posted];
    assert.deepEqual(others, []);
    assert.deepEqual(posted, {
      labels: {
        alertname: 'DataDrift',
        severity: 'warning',
        project: 'flights',
        subject_kind: 'deployment',
        subject: 'churn',
      },
      annotations: {
        summary: firing.summary,
        figures: 'psi 5.2',
        evidence: 'objects/sha256/ab/abc',
        runbook_url: 'https://runbooks.example.com/drift',
      },
      startsAt: firing.startedAt,
    });
    assert.ok(Date.parse(endsAt) > Date.now() + 6 * 86_400_000);
  });

  it('gets the same labels with the end in the past when the alert has ended', async () => {
    const sink = alertmanagerSink({ url: `${server.url}/prefix`, holdFor: '1 hour' });
    await sink.send(firing);
    await sink.send(resolved);
    const [first, second] = server.asked.map(({ json }) => (json as [Posted])[0]);
    assert.equal(server.asked[0]?.path, '/prefix/api/v2/alerts');
    assert.deepEqual(second?.labels, first?.labels);
    assert.equal(second?.endsAt, resolved.endedAt);
  });
});
