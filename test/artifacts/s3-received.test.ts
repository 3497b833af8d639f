import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { free, frugalAgents } from '../../src/artifacts/s3-received.js';
import { temporaryFolder } from './support.js';

/** More than a connection and both ends' streams hold: a reader who pauses stops the server. */
const content = Buffer.from(Uint8Array.from({ length: 8 * 1024 * 1024 }, (_, at) => (at * 7) % 251));
const { httpAgent, httpsAgent } = frugalAgents();

/** All chunks of an answer, none of them copied; the reader rests after the first ones. */
async function received(answer: http.IncomingMessage): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    if (chunks.length < 20) for (let turn = 0; turn < 20; turn++) await setImmediate();
  }
  return chunks;
}

async function answerTo(request: http.ClientRequest): Promise<Buffer[]> {
  const [answer] = (await once(request.end(), 'response')) as [http.IncomingMessage];
  return received(answer);
}

async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

const answer: http.RequestListener = (_, response) => response.end(content);

describe('what a connection with one buffer receives', () => {
  let server: Server | undefined;
  afterEach(() => {
    httpAgent.destroy();
    httpsAgent.destroy();
    server?.close();
  });

  it('is whole, each chunk in memory of its own, also when the connection is used again', async () => {
    server = http.createServer(answer);
    const port = await portOf(server);
    const connections = new Set<unknown>();
    server.on('connection', (connection) => connections.add(connection));
    for (let request = 0; request < 2; request++) {
      const chunks = await answerTo(http.get({ port, host: '127.0.0.1', agent: httpAgent }));
      assert.ok(Buffer.concat(chunks).equals(content));
      assert.equal(new Set(chunks.map(({ buffer }) => buffer)).size, chunks.length);
    }
    assert.equal(connections.size, 1);
  });

  it('is whole behind TLS', async function () {
    const folder = await temporaryFolder();
    const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
    const names = ['-subj', '/CN=localhost', '-keyout', files.key, '-out', files.cert];
    try {
      await promisify(execFile)('openssl', [...made, ...names]);
    } catch (error) {
      console.log(`      skipped: no certificate could be made: ${String(error)}`);
      this.skip();
    }
    const cert = await readFile(files.cert);
    server = https.createServer({ key: await readFile(files.key), cert }, answer);
    const port = await portOf(server);
    const chunks = await answerTo(https.get({ port, host: 'localhost', family: 4, ca: cert, agent: httpsAgent }));
    assert.ok(Buffer.concat(chunks).equals(content));
  });
});

describe('memory that is freed', () => {
  it('is gone at once', () => {
    const bytes = new Uint8Array(1024);
    free(bytes);
    assert.equal(bytes.buffer.byteLength, 0);
  });

  it('is left alone where others share it', () => {
    const shared = new Uint8Array(1024).fill(1);
    free(shared.subarray(0, 512));
    assert.equal(shared[0], 1);
  });
});
