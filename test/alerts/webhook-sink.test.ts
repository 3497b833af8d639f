/** Alerts by webhook: their shape, their signature, and patience with receivers that fail. @module */
import assert from 'node:assert/strict';
import { signatureOf } from '../../src/alerts/webhook-signature.js';
import { webhookSink } from '../../src/alerts/webhook-sink.js';
import { firing, resolved } from './examples.js';
import { type Answer, type Asked, type LocalServer, startServer } from './local-server.js';

const hasty = { timeoutMs: 5_000, pauseMs: 1 };

describe('a webhook', () => {
  let server: LocalServer | undefined;
  const start = async (answer: (asked: Asked, count: number) => Answer) => (server = await startServer(answer));
  afterEach(() => server?.close());

  it('posts the alert as JSON, with an id that is the same for every try and another one for its end', async () => {
    const { url, asked } = await start((_, count) => ({ status: count === 1 ? 503 : 200 }));
    const sink = webhookSink({ url: `${url}/hook?team=ml`, patience: hasty });
    await sink.send(firing);
    await sink.send(resolved);
    assert.deepEqual(
      asked.map(({ method, path, query, json }) => [method, path, query.get('team'), json]),
      [firing, firing, resolved].map((alert) => [
        'POST',
        '/hook',
        'ml',
        {
          type: `alert.${alert.status}`,
          timestamp: alert.status === 'firing' ? alert.startedAt : alert.endedAt,
          data: alert,
        },
      ]),
    );
    const ids = asked.map(({ headers }) => headers['idempotency-key']);
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[1], ids[2]);
    assert.equal(asked[0]?.headers['content-type'], 'application/json');
    assert.equal(asked[0].headers['webhook-signature'], undefined);
  });

  it('signs what it sends, so that the receiver can check it with the secret', async () => {
    const { url, asked } = await start(() => ({ status: 204 }));
    const secret = 'a shared secret';
    await webhookSink({ url, secret, patience: hasty }).send(firing);
    const { headers, text } = asked[0]!;
    const message = { id: String(headers['webhook-id']), timestamp: String(headers['webhook-timestamp']), body: text };
    assert.equal(headers['webhook-signature'], signatureOf(message, secret));
    assert.notEqual(headers['webhook-signature'], signatureOf({ ...message, body: `${text} ` }, secret));
  });

  it('has the signature of the example in the libraries of Standard Webhooks', () => {
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: '1614265330', body: '{"test": 2432232314}' };
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    assert.equal(signatureOf(message, secret), 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('gives up on a receiver that stays down, for whoever sends to try again later', async () => {
    const { url, asked } = await start(() => ({ status: 500, body: { error: 'no disk' } }));
    await assert.rejects(webhookSink({ url, patience: hasty }).send(firing), {
      code: 'TY2502',
      retried: true,
      message: /webhook 127\.0\.0\.1:\d+ answered POST with 500: \{"error":"no disk"\}/,
    });
    assert.equal(asked.length, 3);
  });

  it('leaves a long wait that the receiver asks for to whoever sends', async () => {
    const { url, asked } = await start(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    await assert.rejects(webhookSink({ url, patience: hasty }).send(firing), { code: 'TY2502' });
    assert.equal(asked.length, 1);
  });

  it('does not insist where it is refused, and follows no redirect', async () => {
    const { url, asked } = await start((_, count) =>
      count === 1 ? { status: 401 } : { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    );
    const sink = webhookSink({ url, patience: hasty });
    await assert.rejects(sink.send(firing), { code: 'TY2503', retried: false });
    await assert.rejects(sink.send(firing), { code: 'TY2503' });
    assert.equal(asked.length, 2);
  });

  it('waits only so long for an answer', async () => {
    const { url } = await start(() => 'none');
    const sink = webhookSink({ url, patience: { timeoutMs: 50, tries: 2, pauseMs: 1 } });
    await assert.rejects(sink.send(firing), { code: 'TY2502', message: /gave no answer/ });
  });

  it('says that nobody listens', async () => {
    const { url } = await start(() => 'none');
    await server?.close();
    await assert.rejects(webhookSink({ url, patience: { tries: 1 } }).send(firing), {
      code: 'TY2502',
      message: /gave no answer: .*ECONNREFUSED/,
    });
  });

  it('stops when its sender is cancelled', async () => {
    const { url } = await start(() => 'none');
    const sending = new AbortController();
    const sent = webhookSink({ url, patience: hasty }).send(firing, sending.signal);
    const reason = new Error('the worker shuts down');
    sending.abort(reason);
    await assert.rejects(sent, reason);
  });
});
