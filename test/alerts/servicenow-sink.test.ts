/** Alerts as incidents: the shape of ServiceNow's table API, against a table in memory. @module */
import assert from 'node:assert/strict';
import { serviceNowSink } from '../../src/alerts/servicenow-sink.js';
import { firing, resolved } from './examples.js';
import { type Answer, type Asked, type LocalServer, startServer } from './local-server.js';

type Incident = Record<string, string>;
const table = '/api/now/table/incident';
const basic = `Basic ${Buffer.from('robot:pass').toString('base64')}`;

/** Answers as an instance does, and refuses what it would refuse. */
function answerFrom(incidents: Incident[], { method, path, query, headers, json }: Asked): Answer {
  if (headers.authorization !== basic) return { status: 401, body: { error: { message: 'User Not Authenticated' } } };
  if (method === 'GET' && path === table) {
    const wanted = /^correlation_id=([0-9a-f]{64})\^ORDERBYDESCsys_created_on$/.exec(
      query.get('sysparm_query') ?? '',
    )?.[1];
    const fields = (query.get('sysparm_fields') ?? '').split(',');
    const found = incidents.filter(({ correlation_id }) => correlation_id === wanted).toReversed();
    const rows = found.map((incident) => Object.fromEntries(fields.map((field) => [field, incident[field] ?? ''])));
    return { status: 200, body: { result: rows.slice(0, Number(query.get('sysparm_limit'))) } };
  }
  if (method === 'POST' && path === table) {
    const incident = { sys_id: `id${incidents.length}`, state: '1', ...(json as Incident) };
    incidents.push(incident);
    return { status: 201, body: { result: incident } };
  }
  const known = incidents.find(({ sys_id }) => path === `${table}/${sys_id}`);
  if (method !== 'PATCH' || known === undefined) return { status: 404 };
  Object.assign(known, json);
  return { status: 200, body: { result: known } };
}

describe('ServiceNow', () => {
  let server: LocalServer;
  let incidents: Incident[];
  const sink = (password = 'pass') => serviceNowSink({ url: server.url, user: 'robot', password });
  beforeEach(async () => {
    incidents = [];
    server = await startServer((asked) => answerFrom(incidents, asked));
  });
  afterEach(() => server.close());

  it('opens one incident for an alert, however often it is sent', async () => {
    await sink().send(firing);
    await sink().send(firing);
    assert.equal(incidents.length, 1);
    const { correlation_id, description, ...incident } = incidents[0]!;
    assert.match(correlation_id ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual(incident, {
      sys_id: 'id0',
      state: '1',
      short_description: 'DataDrift: temperature has drifted: PSI 5.2 against 0.2',
      urgency: '2',
      impact: '2',
      correlation_display: 'Trainyard, since 2026-03-01T12:00:00.000Z',
    });
    assert.equal(
      description,
      [
        'temperature has drifted: PSI 5.2 against 0.2',
        'deployment churn of project flights, since 2026-03-01T12:00:00.000Z',
        'psi: 5.2',
        'evidence: objects/sha256/ab/abc',
        'runbook: https://runbooks.example.com/drift',
      ].join('\n'),
    );
  });

  it('resolves the incident with a code and notes when the alert has ended', async () => {
    await sink().send(firing);
    await sink().send(resolved);
    await sink().send(resolved);
    const { state, close_code, close_notes } = incidents[0]!;
    assert.deepEqual([state, close_code], ['6', 'Solution provided']);
    assert.match(close_notes ?? '', /Ended 2026-03-01T15:00:00\.000Z/);
    assert.equal(server.asked.filter(({ method }) => method === 'PATCH').length, 1);
  });

  const again = { ...firing, id: `${firing.fingerprint}@later`, startedAt: '2026-03-02T12:00:00.000Z' };

  it('notes in an incident that is still open that the alert fires anew, once, and resolves it when that has ended', async () => {
    await sink().send(firing);
    await sink().send(again);
    await sink().send(again);
    assert.equal(incidents.length, 1);
    assert.match(incidents[0]!['work_notes']!, /^Fires again since 2026-03-02T12:00:00\.000Z: temperature has drifted/);
    assert.equal(server.asked.filter(({ method }) => method === 'PATCH').length, 1);
    await sink().send(resolved);
    assert.equal(incidents[0]!['state'], '1', 'the end of the first time comes late');
    await sink().send({ ...again, status: 'resolved', endedAt: '2026-03-03T12:00:00.000Z' });
    assert.equal(incidents[0]!['state'], '6');
  });

  it('opens another incident when the alert comes back', async () => {
    await sink().send(firing);
    await sink().send(resolved);
    await sink().send(again);
    assert.deepEqual(
      incidents.map(({ state }) => state),
      ['6', '1'],
    );
  });

  it('leaves alone what somebody closed by hand, and what was never opened', async () => {
    await sink().send(resolved);
    assert.equal(incidents.length, 0);
    await sink().send(firing);
    incidents[0]!['state'] = '7';
    await sink().send(resolved);
    assert.equal(incidents[0]!['state'], '7');
    await sink().send(firing);
    assert.equal(incidents.length, 1, 'the same alert, sent again');
  });

  it('says that it is not let in', async () => {
    await assert.rejects(sink('wrong').send(firing), { code: 'TY2503', message: /401: .*User Not Authenticated/ });
  });
});
